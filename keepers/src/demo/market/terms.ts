import {
  DEMO_TRANSFORMER,
  type Evaluator,
  gpt2,
  perplexityEvaluator,
  tokenise,
} from '@lockstep/repops'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SHIPPED_TEXT } from '../../files/shipped.ts'

const { layers, width, heads, context } = DEMO_TRANSFORMER
/** What a model is asked to predict in a round. */
const TEST = { batch: 8, length: context, batches: 4 } as const
export const TEST_TOKENS = TEST.batches * TEST.batch * (TEST.length + 1)

// Of the text that ships; what is behind is held out and has no byte that is not before.
const TRAINED_PART = 0.85

/** Seconds from the opening of the contest. Nobody waits for them: the devnet's clock is moved. */
export const TIMES = {
  entriesClose: 1_800,
  rounds: [
    { opensAt: 2_100, orderBy: 12_900 },
    { opensAt: 14_400, orderBy: 28_800 },
  ],
  workSeconds: 600,
  solveSeconds: 7_200,
} as const

/** Files of the play: the text that models learn from, the text that is held out, and the terms of the contest. */
export interface Files {
  readonly train: string
  readonly terms: string
}

/** Divides the text that ships and writes the terms of a contest over the part that is held out. */
export function writeFiles(folder: string, uri: string): Files {
  const text = readFileSync(SHIPPED_TEXT)
  const cut = Math.floor(TRAINED_PART * text.length)
  const files = { train: join(folder, 'train.txt'), terms: join(folder, 'contest.json') }
  writeFileSync(files.train, text.subarray(0, cut))
  writeFileSync(join(folder, 'held-out.txt'), text.subarray(cut))
  const { vocabulary } = modelOf(readFileSync(files.train))
  const terms = {
    evaluator: {
      ...{ name: 'perplexity', ...TEST },
      model: { vocabulary, context, width, layers, heads },
    },
    maxEntrants: 8,
    entriesClose: `${TIMES.entriesClose}s`,
    workSeconds: TIMES.workSeconds,
    solveSeconds: TIMES.solveSeconds,
    reward: '100',
    stake: '5000',
    uri,
    rounds: TIMES.rounds.map(({ opensAt, orderBy }, round) => ({
      testSet: { text: 'held-out.txt', alphabetOf: 'train.txt', from: round * TEST_TOKENS },
      ...{ opensAt: `${opensAt}s`, orderBy: `${orderBy}s` },
    })),
  }
  writeFileSync(files.terms, `${JSON.stringify(terms, undefined, 2)}\n`)
  return files
}

/** The evaluator that the terms name. */
export function evaluatorOf(train: string): Evaluator {
  return perplexityEvaluator({ config: modelOf(readFileSync(train)), ...TEST })
}

const modelOf = (text: Uint8Array) =>
  gpt2({ vocabulary: tokenise(text).alphabet.length, context, width, layers, heads })
