import { fileURLToPath } from 'node:url'

const shipped = (name: string): string =>
  fileURLToPath(new URL(`../../../offchain-repops/data/${name}`, import.meta.url))

/** The text that models train on where none is named. */
export const SHIPPED_TEXT = shipped('licences.txt')
/** Weights of the judge that was trained on it: see shippedJudgeJob of the operators' package. */
export const SHIPPED_JUDGE = shipped('judge.safetensors')
