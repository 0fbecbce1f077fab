import { Graph } from '../build/Graph.ts'
import type { Job } from '../execute/Job.ts'
import { Tensor } from '../tensor.ts'
import { decoder, type DecoderConfig } from './decoder.ts'
import { randomTokens } from './initialise.ts'
import { Parameters } from './parameters.ts'
import { type TrainingJob, trainingJob } from './training.ts'

export type Gpt2Sizes = Pick<DecoderConfig, 'vocabulary' | 'context' | 'width' | 'layers' | 'heads'>

/** GPT-2 (Radford et al. 2019) in any size. */
export function gpt2(sizes: Gpt2Sizes): DecoderConfig {
  return {
    ...sizes,
    keyHeads: sizes.heads,
    inner: 4 * sizes.width,
    norm: 'layer',
    epsilon: 1e-5,
    mlp: 'gelu',
    biases: true,
    tied: true,
  }
}

/** 124 million parameters. */
export const GPT2_SMALL = gpt2({
  vocabulary: 50257,
  context: 1024,
  width: 768,
  layers: 12,
  heads: 12,
})

/** Name of the state that a forward pass fills, [batch, length, vocabulary]. */
export const LOGITS = 'logits'

export interface ModelRun {
  readonly config: DecoderConfig
  readonly batch: number
  /** Tokens of a sequence. */
  readonly length: number
  readonly seed: bigint
}

/**
 * One forward pass of a freshly initialised model over random tokens. Constants: `input` [batch, length] i32, then the
 * parameters in the order of their use.
 */
export function forwardJob({ config, batch, length, seed }: ModelRun): Job {
  const graph = new Graph()
  const input = graph.constant('input', 'i32', [batch, length])
  const parameters = new Parameters(graph, 'constant')
  const output = decoder(parameters, input, config)
  const logits = graph.state(LOGITS, 'f32', output.shape)
  graph.setNext(logits, output)
  return {
    program: graph.program(),
    constants: [
      randomTokens(batch * length, config.vocabulary, seed),
      ...parameters.initial(seed).values(),
    ],
    initialState: [Tensor.zeros('f32', output.count)],
    seed,
    steps: 1,
    interval: 1,
  }
}

/** Training of a freshly initialised model on random tokens: what a step costs, not what it learns. */
export function randomTrainingJob(
  { config, batch, length, seed }: ModelRun,
  steps: number,
  interval: number,
): TrainingJob {
  return trainingJob({
    config,
    tokens: randomTokens(16 * (length + 1), config.vocabulary, seed).words,
    batch,
    length,
    learningRate: 6e-4,
    warmup: 100,
    beta2: 0.95,
    weightDecay: 0.1,
    steps,
    interval,
    seed,
  })
}

/** Weights of a model before any training, by their names in `decoder`. */
export function randomWeights(config: DecoderConfig, seed: bigint): Map<string, Tensor> {
  const graph = new Graph()
  const parameters = new Parameters(graph, 'constant')
  decoder(parameters, graph.constant('input', 'i32', [1, 1]), config)
  return parameters.initial(seed)
}
