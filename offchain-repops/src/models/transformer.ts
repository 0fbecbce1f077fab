import type { DecoderConfig } from './decoder.ts'
import { BuildError } from '../build/shapes.ts'
import { gpt2 } from './gpt2.ts'
import { tokenise } from './text.ts'
import { type TrainingJob, trainingJob } from './training.ts'

export interface TransformerConfig {
  readonly layers: number
  /** Channels; a multiple of `heads`. */
  readonly width: number
  readonly heads: number
  /** Tokens that a prediction may see. */
  readonly context: number
  /** Sequences in a step. */
  readonly batch: number
  readonly learningRate: number
  /** Steps over which the learning rate rises to its value. */
  readonly warmup: number
}

/** What the demonstration trains: 62 thousand parameters or so, depending on the alphabet. */
export const DEMO_TRANSFORMER: TransformerConfig = {
  layers: 2,
  width: 48,
  heads: 4,
  context: 32,
  batch: 8,
  learningRate: 6e-3,
  warmup: 10,
}

export interface TransformerJobOptions {
  readonly text: Uint8Array
  readonly steps: number
  readonly interval: number
  readonly seed: bigint
  readonly config?: TransformerConfig
  /** As in TrainingOptions. */
  readonly flat?: boolean
}

/** A job that trains a language model on a text, byte by byte. */
export interface TransformerJob extends TrainingJob {
  readonly alphabet: Uint8Array
  readonly model: DecoderConfig
}

/** Training of a model of GPT-2's shape on the bytes of a text. */
export function transformerJob(options: TransformerJobOptions): TransformerJob {
  const { text, steps, interval, seed, flat, config = DEMO_TRANSFORMER } = options
  const { layers, width, heads, context, batch, learningRate, warmup } = config
  if (text.length <= context + 1)
    throw new BuildError(
      `a text of ${text.length} bytes has no sequences of ${context + 1} to train on`,
    )
  const { tokens, alphabet } = tokenise(text)
  const model = gpt2({ vocabulary: alphabet.length, context, width, layers, heads })
  const job = trainingJob({
    config: model,
    tokens,
    batch,
    learningRate,
    warmup,
    flat,
    steps,
    interval,
    seed,
  })
  return { ...job, alphabet, model }
}
