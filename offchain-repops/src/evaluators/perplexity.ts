import { Graph } from '../build/Graph.ts'
import { crossEntropy } from '../build/layers/softmax.ts'
import { decoder, type DecoderConfig, parameterCount } from '../models/decoder.ts'
import { Parameters } from '../models/parameters.ts'
import { Tensor } from '../tensor.ts'
import type { Evaluator } from './Evaluator.ts'
import { scoreOf } from './score.ts'

export interface PerplexityOptions {
  /** The architecture of every entry. */
  readonly config: DecoderConfig
  /** Sequences of the test set that a step reads. */
  readonly batch: number
  /** Tokens of a sequence that are predicted; one more is read before them. */
  readonly length: number
  /** Steps, each of which reads a batch. */
  readonly batches: number
}

/** Names of the states. */
export const PERPLEXITY_STATES = ['score', 'loss'] as const

/**
 * How well a language model predicts a text: minus the mean cross entropy of its tokens in millionths of a nat, which
 * is −10^6 · ln(perplexity). The entry is the model's parameters, f32, in the order of `decoder`; the test set
 * [batches, batch, length + 1] tokens, i32. The state `loss` is the sum of the batches' means.
 */
export function perplexityEvaluator(options: PerplexityOptions): Evaluator {
  const { config, batch, length, batches } = options
  const graph = new Graph()
  const entry = graph.constant('entry', 'f32', [parameterCount(config)])
  const testSet = graph.constant('test set', 'i32', [batches, batch, length + 1])
  const [score, loss] = [graph.state('score', 'i32', [1]), graph.state('loss', 'f32', [1])]
  const sequences = testSet.gather(graph.step())
  const logits = decoder(new Parameters(graph, entry), sequences.slice(1, 0, length), config)
  const sum = loss.add(crossEntropy(logits, sequences.slice(1, 1, length + 1)))
  graph.setNext(loss, sum)
  graph.setNext(score, scoreOf(sum.mul(-1 / batches)))
  return {
    program: graph.program(),
    initialState: [Tensor.zeros('i32', 1), Tensor.zeros('f32', 1)],
    steps: batches,
    interval: 1,
    seed: 0n,
    scoreState: 0,
  }
}
