import { cachedAttention, fillCache, type KeyValueCache } from '../build/layers/cache.ts'
import { causalAttention } from '../build/layers/attention.ts'
import { sample, type Sampling } from '../build/layers/sampling.ts'
import { Graph } from '../build/Graph.ts'
import { BuildError } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import type { Job } from '../execute/Job.ts'
import { Tensor } from '../tensor.ts'
import { checkDecoder, decoder, type DecoderConfig } from './decoder.ts'
import { Parameters } from './parameters.ts'

export interface GenerationOptions {
  readonly config: DecoderConfig
  /** The parameters by their names in `decoder`. */
  readonly weights: ReadonlyMap<string, Tensor>
  /** What is given of each sequence, at least one token. */
  readonly prompts: readonly (readonly number[])[]
  /** New tokens of the longest prompt; shorter ones get as many more as they are shorter. */
  readonly newTokens: number
  /** Greedy by default. */
  readonly sampling?: Sampling
  /** Tokens that end a sequence: once one is chosen it is chosen again and again. */
  readonly stop?: readonly number[]
  readonly seed: bigint
  /** Steps between checkpoints; 16 by default. */
  readonly interval?: number
}

/** A job that continues texts: options.prompts and what its final state holds beyond them. */
export interface GenerationJob extends Job {
  readonly options: GenerationOptions
}

/** Streams of the random words. */
const STREAM = { step: 0, prefill: 1 } as const

/**
 * Generation of tokens, one position a step. The state is the tokens, the position and the keys and values of every
 * layer; the weights are constants. A step reads the token at the position, given or chosen before, runs the model on
 * it and chooses the next one unless that is given too.
 *
 * With `after`, the final state of the `prefillJob` of the same options, it goes on from there.
 */
export function generationJob(
  options: GenerationOptions,
  after?: readonly Tensor[],
): GenerationJob {
  const draft = new Draft(options)
  const { tokens, position } = draft
  const current = tokens.gather(position.expand([draft.batch, 1]), 1)
  const logits = decoder(draft.parameters, current, options.config, {
    first: position,
    attend: (heads, layer) => cachedAttention(heads, draft.caches[layer], position),
  })
  draft.extend(position, current, logits, STREAM.step)
  const done = after?.[POSITION_STATE].words[0] ?? 0
  return draft.job(draft.length - 1 - done, after)
}

/**
 * One step that reads as many tokens of every prompt as the shortest has. The state behind it is that behind as many
 * steps of `generationJob`, where it is greedy the chosen tokens included, bit for bit (but for the sign of a sum of
 * attention that underflows to 0); where it is not, the tokens are drawn from other random words.
 */
export function prefillJob(options: GenerationOptions): GenerationJob {
  const draft = new Draft(options)
  const { graph, tokens } = draft
  const T = Math.min(...options.prompts.map((prompt) => prompt.length))
  const logits = decoder(draft.parameters, tokens.slice(1, 0, T), options.config, {
    onlyLast: true,
    attend: (heads, layer) => {
      fillCache(heads, draft.caches[layer])
      return causalAttention(heads)
    },
  })
  draft.extend(graph.i32(T - 1), tokens.slice(1, T - 1, T), logits, STREAM.prefill)
  return draft.job(1)
}

/** What was generated of a sequence. */
export interface Continuation {
  /** Tokens behind the prompt, without the stop token. */
  readonly tokens: readonly number[]
  /** The stop token that ended it. */
  readonly stop: number | undefined
}

/** What a state of a generation says of each prompt's continuation so far. */
export function continuations(job: GenerationJob, state: readonly Tensor[]): Continuation[] {
  const { prompts, stop = [], config } = job.options
  const words = state[TOKENS_STATE].words
  const length = words.length / prompts.length
  const known = state[POSITION_STATE].words[0] + 1
  return prompts.map((prompt, b) => {
    const all = [...words.subarray(b * length + prompt.length, b * length + known)]
    const wrong = all.find((token) => token < 0 || token >= config.vocabulary)
    if (wrong !== undefined)
      throw new RangeError(
        `sequence ${b} has token ${wrong} of ${config.vocabulary}: the model's logits are not numbers`,
      )
    const end = all.findIndex((token) => stop.includes(token))
    return end < 0
      ? { tokens: all, stop: undefined }
      : { tokens: all.slice(0, end), stop: all[end] }
  })
}

const TOKENS_STATE = 0
const POSITION_STATE = 1

/** States and constants that every program of a generation has, in the same places. */
class Draft {
  readonly graph = new Graph()
  readonly parameters = new Parameters(this.graph, 'constant')
  readonly batch: number
  /** L: tokens of the longest sequence, prompt included. */
  readonly length: number
  /** [B, L]. */
  readonly tokens: Value
  /** Scalar. */
  readonly position: Value
  readonly caches: readonly KeyValueCache[]
  readonly #promptLengths: Value
  readonly #options: GenerationOptions

  constructor(options: GenerationOptions) {
    checkOptions(options)
    this.#options = options
    const { graph } = this
    const { layers, width, heads, keyHeads } = options.config
    const B = options.prompts.length
    const L = totalLength(options)
    this.batch = B
    this.length = L
    this.tokens = graph.state('tokens', 'i32', [B, L])
    this.position = graph.state('position', 'i32', [])
    const cache = [B, keyHeads, L, width / heads]
    this.caches = Array.from({ length: layers }, (_, layer) => ({
      keys: graph.state(`block${layer}.keys`, 'f32', cache),
      values: graph.state(`block${layer}.values`, 'f32', cache),
    }))
    this.#promptLengths = graph.constant('promptLengths', 'i32', [B])
  }

  /** Chooses what follows the tokens `current` [B, 1] at `position` from their logits [B, 1, V], and goes on to it. */
  extend(position: Value, current: Value, logits: Value, stream: number): void {
    const { graph, tokens, batch: B, length: L } = this
    const { sampling = { temperature: 0 }, stop = [] } = this.#options
    const lengths = this.#promptLengths.reshape([B, 1])
    const next = position.add(1)
    let choice = sample(logits.reshape([B, -1]), sampling, stream).reshape([B, 1])
    if (stop.length > 0) {
      const hits = stop.map((token) => current.eq(token)).reduce((a, b) => a.or(b))
      choice = hits.and(lengths.le(position)).where(current, choice)
    }
    const written = graph.iota(L).eq(next).and(lengths.le(next))
    graph.setNext(tokens, written.where(choice, tokens))
    graph.setNext(this.position, next)
  }

  job(steps: number, after?: readonly Tensor[]): GenerationJob {
    const program = this.graph.program()
    const { prompts, seed, interval = 16 } = this.#options
    const initialState = program.states.map(({ type, count }) => Tensor.zeros(type, count))
    prompts.forEach((prompt, b) => {
      initialState[TOKENS_STATE].words.set(prompt, b * this.length)
    })
    return {
      program,
      constants: [
        Tensor.i32(prompts.map((prompt) => prompt.length)),
        ...this.parameters.list.map(({ name, value: { count } }) =>
          weight(this.#options.weights, name, count),
        ),
      ],
      initialState: after ?? initialState,
      seed,
      steps,
      interval,
      options: this.#options,
    }
  }
}

const totalLength = ({ prompts, newTokens }: GenerationOptions): number =>
  Math.max(...prompts.map((prompt) => prompt.length)) + newTokens

function checkOptions(options: GenerationOptions): void {
  const { config, prompts, newTokens, sampling, stop = [] } = options
  checkDecoder(config)
  const { vocabulary } = config
  const isToken = (token: number) => Number.isInteger(token) && token >= 0 && token < vocabulary
  if (!(Number.isInteger(newTokens) && newTokens >= 1))
    throw new BuildError(`${newTokens} new tokens; a whole number from 1 is possible`)
  if (prompts.length === 0) throw new BuildError('there is no prompt to continue')
  prompts.forEach((prompt, b) => {
    if (prompt.length === 0) throw new BuildError(`prompt ${b} is empty: give at least one token`)
    const wrong = prompt.find((token) => !isToken(token))
    if (wrong !== undefined)
      throw new BuildError(`prompt ${b} has token ${wrong}, the vocabulary ${vocabulary}`)
  })
  const never = stop.find((token) => !isToken(token))
  if (never !== undefined)
    throw new BuildError(`stop token ${never} is never chosen, the vocabulary has ${vocabulary}`)
  const topK = sampling?.topK ?? 1
  if (!(Number.isInteger(topK) && topK >= 1 && topK <= vocabulary))
    throw new BuildError(
      `a topK of ${topK}; whole numbers from 1 to the vocabulary's ${vocabulary} are possible`,
    )
  if (totalLength(options) > config.context)
    throw new BuildError(
      `prompts and ${newTokens} new tokens are ${totalLength(options)} positions, the model has ${config.context}`,
    )
}

function weight(weights: ReadonlyMap<string, Tensor>, name: string, count: number): Tensor {
  const tensor = weights.get(name)
  if (tensor === undefined) throw new BuildError(`the weights have no ${name}`)
  if (tensor.type !== 'f32' || tensor.count !== count)
    throw new BuildError(
      `weight ${name} is ${tensor.count} elements of ${tensor.type}, the model has ${count} of f32`,
    )
  return tensor
}
