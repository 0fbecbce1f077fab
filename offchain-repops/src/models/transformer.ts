import { Graph } from '../build/Graph.ts'
import { gradients } from '../build/gradients.ts'
import { gelu } from '../build/layers/activations.ts'
import { selfAttention } from '../build/layers/attention.ts'
import { linear } from '../build/layers/linear.ts'
import { layerNorm } from '../build/layers/norms.ts'
import { crossEntropy } from '../build/layers/softmax.ts'
import { adam } from '../build/optimisers/adam.ts'
import type { Parameter } from '../build/optimisers/Parameter.ts'
import { BuildError, type Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import type { Job } from '../execute/Job.ts'
import { Tensor } from '../tensor.ts'
import { filled, uniform } from './initialise.ts'
import { tokenise } from './text.ts'

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

/** Name of the state that holds the loss of every step, in nats per token; 0 for steps not yet run. */
export const LOSS_HISTORY = 'loss'

export interface TransformerJobOptions {
  readonly text: Uint8Array
  readonly steps: number
  readonly interval: number
  readonly seed: bigint
  readonly config?: TransformerConfig
}

/** A job that trains a language model on a text, byte by byte. */
export interface TransformerJob extends Job {
  readonly alphabet: Uint8Array
  /** Trained numbers, not counting the optimiser's. */
  readonly parameters: number
}

/**
 * Training of a decoder-only transformer (GPT-2's: token and position embeddings, blocks of causal self-attention
 * and a GELU MLP, each behind a layer norm, the embedding again as output layer) with Adam on the
 * cross entropy of the next token. Each step draws its sequences from the text by Philox.
 */
export function transformerJob(options: TransformerJobOptions): TransformerJob {
  const { text, steps, interval, seed, config = DEMO_TRANSFORMER } = options
  if (text.length <= config.context + 1)
    throw new BuildError(
      `a text of ${text.length} bytes has no sequences of ${config.context + 1} to train on`,
    )
  const { tokens, alphabet } = tokenise(text)
  const graph = new Graph()
  const model = new Parameters(graph, seed)
  const batch = drawBatch(graph.constant('text', 'i32', [tokens.length]), config)
  const logits = forward(model, batch.inputs, alphabet.length, config)
  const loss = crossEntropy(logits, batch.targets)

  const history = graph.state(LOSS_HISTORY, 'f32', [steps])
  graph.setNext(history, graph.iota(steps).eq(graph.step()).where(loss, history))
  const values = model.list.map(({ value }) => value)
  adam(model.list, gradients(loss, values), {
    learningRate: graph
      .step()
      .add(1)
      .i2f()
      .mul(1 / config.warmup)
      .min(1)
      .mul(config.learningRate),
    beta2: 0.99,
    weightDecay: 0.01,
    clipNorm: 1,
  })
  const program = graph.program()
  return {
    program,
    constants: [new Tensor('i32', tokens)],
    initialState: program.states.map(
      ({ name, type, count }) => model.initial.get(name) ?? Tensor.zeros(type, count),
    ),
    seed,
    steps,
    interval,
    alphabet,
    parameters: values.reduce((sum, value) => sum + value.count, 0),
  }
}

/** Trained states and what they begin with. */
class Parameters {
  readonly list: Parameter[] = []
  readonly initial = new Map<string, Tensor>()
  readonly #graph: Graph
  readonly #seed: bigint

  constructor(graph: Graph, seed: bigint) {
    this.#graph = graph
    this.#seed = seed
  }

  /** A matrix or table of values spread evenly with this standard deviation. */
  random(name: string, shape: Shape, deviation: number): Value {
    const stream = this.list.length
    return this.#add(name, shape, (count) =>
      uniform(count, deviation * Math.sqrt(3), this.#seed, stream),
    )
  }

  constant(name: string, shape: Shape, value: number): Value {
    return this.#add(name, shape, (count) => filled(count, value))
  }

  #add(name: string, shape: Shape, make: (count: number) => Tensor): Value {
    const value = this.#graph.state(name, 'f32', shape)
    this.list.push({ name, value })
    this.initial.set(name, make(value.count))
    return value
  }
}

/** Sequences [B, T] at places that the step draws, and the tokens that follow each of theirs. */
function drawBatch(
  text: Value,
  { batch: B, context: T }: TransformerConfig,
): { inputs: Value; targets: Value } {
  const { graph } = text
  const starts = graph
    .philox([B, 1], 0)
    .shr(1)
    .rem(text.count - T)
  const sequences = text.gather(starts.add(graph.iota(T + 1)))
  return { inputs: sequences.slice(1, 0, T), targets: sequences.slice(1, 1, T + 1) }
}

function forward(
  model: Parameters,
  inputs: Value,
  vocabulary: number,
  { layers, width: C, heads, context: T }: TransformerConfig,
): Value {
  const inner = 1 / Math.sqrt(C)
  const outward = inner / Math.sqrt(2 * layers)
  const tokens = model.random('tokens', [vocabulary, C], inner)
  const positions = model.random('positions', [T, C], 0.1 * inner)
  const norm = (name: string, x: Value): Value =>
    layerNorm(x, model.constant(`${name}.gain`, [C], 1), model.constant(`${name}.bias`, [C], 0))
  const dense = (name: string, x: Value, from: number, to: number, deviation: number): Value =>
    linear(
      x,
      model.random(`${name}.weight`, [to, from], deviation),
      model.constant(`${name}.bias`, [to], 0),
    )

  let x = tokens.gather(inputs).add(positions)
  for (let layer = 0; layer < layers; layer++) {
    const at = `block${layer}`
    const weights = {
      qkv: model.random(`${at}.qkv.weight`, [3 * C, C], inner),
      qkvBias: model.constant(`${at}.qkv.bias`, [3 * C], 0),
      out: model.random(`${at}.out.weight`, [C, C], outward),
      outBias: model.constant(`${at}.out.bias`, [C], 0),
    }
    x = x.add(selfAttention(norm(`${at}.norm1`, x), weights, heads))
    const hidden = gelu(dense(`${at}.up`, norm(`${at}.norm2`, x), C, 4 * C, inner))
    x = x.add(dense(`${at}.down`, hidden, 4 * C, C, outward / 2))
  }
  return norm('norm', x).matmulT(tokens)
}
