import { Graph } from '../build/Graph.ts'
import { gradients } from '../build/gradients.ts'
import { crossEntropy } from '../build/layers/softmax.ts'
import { adam } from '../build/optimisers/adam.ts'
import { BuildError, type Shape } from '../build/shapes.ts'
import { Value } from '../build/Value.ts'
import type { Job } from '../execute/Job.ts'
import { decoder, type DecoderConfig, parameterCount } from '../models/decoder.ts'
import { declareFlat } from '../models/flat.ts'
import { jobOf } from '../models/jobOf.ts'
import { Parameters } from '../models/parameters.ts'
import { LOSS_HISTORY } from '../models/lossHistory.ts'
import { Tensor } from '../tensor.ts'
import type { Evaluator } from './Evaluator.ts'
import { scoreOf } from './score.ts'

export interface JudgeOptions {
  /** A decoder whose first two outputs after a text's last token are its logits of being corrupted and genuine. */
  readonly config: DecoderConfig
  /** Tokens of a text. */
  readonly length: number
}

export interface JudgeTrainingOptions extends JudgeOptions {
  /** Genuine text. */
  readonly tokens: Int32Array
  /** Texts in a step, half of them corrupted: an even number. */
  readonly batch: number
  readonly learningRate: number
  readonly steps: number
  readonly interval: number
  readonly seed: bigint
}

const STREAM = { start: 0, isKept: 1, replacement: 2 } as const

/**
 * A job that trains a judge to tell a text from one in which every second token, on average, was replaced by some other
 * token of the text (Clark et al., ELECTRA, 2020, train a discriminator on replaced tokens; this one judges whole
 * texts). Its state MODEL holds the judge's parameters.
 */
export function judgeTrainingJob(options: JudgeTrainingOptions): Job {
  const { config, length, tokens, batch, learningRate, steps, interval, seed } = options
  if (batch % 2 !== 0) throw new BuildError(`a batch of ${batch} texts has no half`)
  if (tokens.length <= length)
    throw new BuildError(`${tokens.length} tokens have no texts of ${length} to train on`)
  const graph = new Graph()
  const parameters = new Parameters(graph, 'state')
  const text = graph.constant('text', 'i32', [tokens.length])
  const draw = (shape: Shape, stream: number, below: number): Value =>
    graph.philox(shape, stream).shr(1).rem(below)

  const starts = draw([batch, 1], STREAM.start, tokens.length - length + 1)
  const genuine = text.gather(starts.add(graph.iota(length)))
  const others = text.gather(draw([batch, length], STREAM.replacement, tokens.length))
  const isKept = graph.philox([batch, length], STREAM.isKept).and(1)
  const isGenuine = graph.iota(batch).lt(batch / 2)
  const texts = isGenuine.reshape([batch, 1]).or(isKept).where(genuine, others)
  const loss = crossEntropy(verdicts(parameters, texts, config), isGenuine)

  const history = graph.state(LOSS_HISTORY, 'f32', [steps])
  graph.setNext(history, graph.iota(steps).eq(graph.step()).where(loss, history))
  const values = parameters.list.map(({ value }) => value)
  adam(parameters.list, gradients(loss, values), { learningRate, clipNorm: 1 })
  declareFlat(parameters)
  const constants = [new Tensor('i32', tokens)]
  return jobOf(graph, parameters, { constants, seed, steps, interval })
}

/** What a judge says of texts [B, T]: logits [B, 2], of being corrupted and of being genuine. */
function verdicts(parameters: Parameters, texts: Value, config: DecoderConfig): Value {
  return decoder(parameters, texts, config, { onlyLast: true }).at(1, 0).slice(1, 0, 2)
}

export interface LearnedJudgeOptions extends JudgeOptions {
  /** What a job of `judgeTrainingJob` gave. */
  readonly weights: Tensor
  /** Texts of an entry: whole batches. */
  readonly texts: number
  /** Texts that a step reads. */
  readonly batch: number
  /** Tokens of a text that are asked; the rest is answered. */
  readonly prompt: number
}

/**
 * A model that scores texts: the mean, over the texts, of the logarithm of the odds that a text is genuine, in
 * millionths. The entry is [texts, length − prompt] tokens and the test set [texts, prompt]: what was answered, and what
 * was asked.
 */
export function learnedJudge(options: LearnedJudgeOptions): Evaluator {
  const { config, length, weights, texts, batch, prompt } = options
  if (texts % batch !== 0) throw new BuildError(`${texts} texts are no batches of ${batch}`)
  if (!(prompt >= 1 && prompt < length))
    throw new BuildError(`no text of ${length} tokens has a prompt of ${prompt}`)
  const steps = texts / batch
  const graph = new Graph()
  const answers = graph.constant('entry', 'i32', [steps, batch, length - prompt])
  const prompts = graph.constant('test set', 'i32', [steps, batch, prompt])
  const judge = graph.constant('weights', 'f32', [parameterCount(config)])
  const [score, sum] = [graph.state('score', 'i32', [1]), graph.state('sum', 'f32', [1])]
  const read = (x: Value): Value => x.gather(graph.step())
  const whole = Value.concat([read(prompts), read(answers)], -1)
  const logits = verdicts(new Parameters(graph, judge), whole, config)
  const odds = logits.at(1, 1).sub(logits.at(1, 0)).sum()
  const next = sum.add(odds)
  graph.setNext(sum, next)
  graph.setNext(score, scoreOf(next.mul(1 / texts)))
  return {
    program: graph.program(),
    initialState: [Tensor.zeros('i32', 1), Tensor.zeros('f32', 1)],
    weights,
    steps,
    interval: 1,
    seed: 0n,
    scoreState: 0,
  }
}
