import { Graph } from '../build/Graph.ts'
import { gradients } from '../build/gradients.ts'
import { crossEntropy } from '../build/layers/softmax.ts'
import { adam } from '../build/optimisers/adam.ts'
import { BuildError } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import type { Job } from '../execute/Job.ts'
import { Tensor } from '../tensor.ts'
import { decoder, type DecoderConfig } from './decoder.ts'
import { declareFlat } from './flat.ts'
import { jobOf } from './jobOf.ts'
import { LOSS_HISTORY } from './lossHistory.ts'
import { Parameters } from './parameters.ts'

export interface TrainingOptions {
  readonly config: DecoderConfig
  /** What is learned, one after another; each in [0, vocabulary). */
  readonly tokens: Int32Array
  /** Sequences in a step. */
  readonly batch: number
  /** Tokens of a sequence that are predicted from; the context by default. */
  readonly length?: number
  readonly learningRate: number
  /** Steps over which the learning rate rises to its value. */
  readonly warmup: number
  readonly beta2?: number
  readonly weightDecay?: number
  readonly clipNorm?: number
  /** Whether a state MODEL holds all parameters as one tensor: what a contest takes (docs/spec/judge.md). */
  readonly flat?: boolean | undefined
  readonly steps: number
  readonly interval: number
  readonly seed: bigint
}

/** A job that trains a model. */
export interface TrainingJob extends Job {
  /** Trained numbers, not counting the optimiser's. */
  readonly parameters: number
}

/**
 * Training of a decoder with Adam on the cross entropy of the next token. Each step draws its sequences from the tokens
 * by Philox.
 */
export function trainingJob(options: TrainingOptions): TrainingJob {
  const { config, tokens, batch: B, length: T = config.context, steps, interval, seed } = options
  if (tokens.length <= T + 1)
    throw new BuildError(`${tokens.length} tokens have no sequences of ${T + 1} to train on`)
  const graph = new Graph()
  const parameters = new Parameters(graph, 'state')
  const batch = drawBatch(graph.constant('text', 'i32', [tokens.length]), B, T)
  const logits = decoder(parameters, batch.inputs, config)
  const loss = crossEntropy(logits, batch.targets)

  const history = graph.state(LOSS_HISTORY, 'f32', [steps])
  graph.setNext(history, graph.iota(steps).eq(graph.step()).where(loss, history))
  const values = parameters.list.map(({ value }) => value)
  const rise = graph
    .step()
    .add(1)
    .i2f()
    .mul(1 / options.warmup)
    .min(1)
  adam(parameters.list, gradients(loss, values), {
    learningRate: rise.mul(options.learningRate),
    beta2: options.beta2 ?? 0.99,
    weightDecay: options.weightDecay ?? 0.01,
    clipNorm: options.clipNorm ?? 1,
  })
  if (options.flat === true) declareFlat(parameters)
  const constants = [new Tensor('i32', tokens)]
  const job = jobOf(graph, parameters, { constants, seed, steps, interval })
  return { ...job, parameters: parameters.count }
}

/** Sequences [B, T] at places that the step draws, and the tokens that follow each of theirs. */
function drawBatch(text: Value, B: number, T: number): { inputs: Value; targets: Value } {
  const { graph } = text
  const starts = graph
    .philox([B, 1], 0)
    .shr(1)
    .rem(text.count - T)
  const sequences = text.gather(starts.add(graph.iota(T + 1)))
  return { inputs: sequences.slice(1, 0, T), targets: sequences.slice(1, 1, T + 1) }
}
