import {
  type DecoderConfig,
  encodeProgram,
  type GenerationJob,
  generationJob,
  type Job,
  randomWeights,
} from '@lockstep/repops'
import { type Random, randomProgram } from '@lockstep/repops/testing'
import type { Order } from '../roles/submitter.ts'

/** A random program with a random length of run and of interval. */
export function randomJob(random: Random): Job {
  const { program, initialState, constants, seed } = randomProgram(random)
  return {
    program,
    initialState,
    constants,
    seed,
    steps: random.between(1, 7),
    interval: random.between(1, 4),
  }
}

const TINY_LLAMA: DecoderConfig = {
  vocabulary: 30,
  context: 16,
  width: 8,
  layers: 1,
  heads: 2,
  keyHeads: 1,
  inner: 12,
  norm: 'rms',
  epsilon: 1e-5,
  mlp: 'swiglu',
  biases: false,
  rotaryBase: 10000,
  tied: true,
}

/** Two texts, continued by sampling; seven steps. */
export function tinyGeneration(): GenerationJob {
  return generationJob({
    config: TINY_LLAMA,
    weights: randomWeights(TINY_LLAMA, 3n),
    prompts: [[4, 8], [15]],
    newTokens: 6,
    sampling: { temperature: 0.8, topK: 10 },
    seed: 11n,
    interval: 3,
  })
}

export function asOrder({ program, ...rest }: Job): Order {
  return { encoded: encodeProgram(program), ...rest }
}
