import { gelu, silu } from '../build/layers/activations.ts'
import { type Heads, selfAttention } from '../build/layers/attention.ts'
import { linear, type LinearWeights } from '../build/layers/linear.ts'
import { layerNorm, rmsNorm } from '../build/layers/norms.ts'
import { rope } from '../build/layers/rope.ts'
import { Graph } from '../build/Graph.ts'
import { BuildError } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import { Parameters } from './parameters.ts'

/** A decoder-only transformer: GPT-2, Llama and what lies between them. */
export interface DecoderConfig {
  readonly vocabulary: number
  /** Positions that there are. */
  readonly context: number
  /** Channels between blocks. */
  readonly width: number
  readonly layers: number
  /** Query heads; a divisor of the width. */
  readonly heads: number
  /** Heads of keys and values, a divisor of `heads`. */
  readonly keyHeads: number
  /** Channels inside an MLP. */
  readonly inner: number
  readonly norm: 'layer' | 'rms'
  /** Added to variances (mean squares) in norms. */
  readonly epsilon: number
  readonly mlp: 'gelu' | 'swiglu'
  /** Whether matrices come with biases. */
  readonly biases: boolean
  /** Base of the rotary embedding; positions have learned vectors instead where there is none. */
  readonly rotaryBase?: number
  /** Whether the embedding is also the output layer. */
  readonly tied: boolean
}

/** How the tokens of a batch of sequences stand to each other. */
export interface Sequences {
  /** Position of the first token of each, an i32 scalar; 0 by default. */
  readonly first?: Value
  /** The attention of a layer, [B, H, T, D]; causal over the tokens themselves by default. */
  readonly attend?: (heads: Heads, layer: number) => Value
  /** Logits of the last token only, [B, 1, vocabulary]. */
  readonly onlyLast?: boolean
}

/** Throws where a configuration contradicts itself. */
export function checkDecoder(config: DecoderConfig): void {
  const { width, heads, keyHeads, rotaryBase } = config
  for (const key of [
    'vocabulary',
    'context',
    'width',
    'layers',
    'heads',
    'keyHeads',
    'inner',
  ] as const)
    if (!Number.isInteger(config[key]) || config[key] < 1)
      throw new BuildError(`${key} of a decoder is ${config[key]}, not a whole number from 1`)
  if (width % heads !== 0 || heads % keyHeads !== 0)
    throw new BuildError(`no attention with ${heads} heads on ${keyHeads} over ${width} channels`)
  if (rotaryBase !== undefined && (width / heads) % 2 !== 0)
    throw new BuildError(
      `no rotary positions in heads of ${width / heads} channels: the number is odd`,
    )
}

/**
 * What follows each of the tokens [B, T]: logits [B, T, vocabulary]. Pre-norm blocks (Radford et al. 2019; Touvron et
 * al. 2023) of self-attention and an MLP on a residual stream. Parameters are declared in the order of their use;
 * matrices begin with deviation 1/√in, those that write to the stream with 1/√(2 · layers) of that.
 */
export function decoder(
  parameters: Parameters,
  tokens: Value,
  config: DecoderConfig,
  { first, attend, onlyLast = false }: Sequences = {},
): Value {
  checkDecoder(config)
  const { vocabulary, context, width: C, layers, heads, keyHeads, inner, rotaryBase } = config
  const T = tokens.dim(-1)
  if (T > context) throw new BuildError(`${T} tokens do not fit into a context of ${context}`)
  const D = C / heads

  const norm = (name: string, x: Value): Value => {
    const gain = parameters.filled(`${name}.gain`, [C], 1)
    return config.norm === 'rms'
      ? rmsNorm(x, gain, config.epsilon)
      : layerNorm(x, gain, parameters.filled(`${name}.bias`, [C], 0), config.epsilon)
  }
  const matrix = (name: string, from: number, to: number, scale = 1): LinearWeights => ({
    weight: parameters.random(`${name}.weight`, [to, from], scale / Math.sqrt(from)),
    bias: config.biases ? parameters.filled(`${name}.bias`, [to], 0) : undefined,
  })
  const toStream = 1 / Math.sqrt(2 * layers)

  const embedding = parameters.random('tokens', [vocabulary, C], 1 / Math.sqrt(C))
  let x = embedding.gather(tokens)
  if (rotaryBase === undefined) {
    const table = parameters.random('positions', [context, C], 0.1 / Math.sqrt(C))
    x = x.add(first ? table.gather(tokens.graph.iota(T).add(first)) : table.slice(0, 0, T))
  }
  for (let layer = 0; layer < layers; layer++) {
    const at = `block${layer}`
    const attentionInput = norm(`${at}.norm1`, x)
    const weights = {
      query: matrix(`${at}.query`, C, heads * D),
      key: matrix(`${at}.key`, C, keyHeads * D),
      value: matrix(`${at}.value`, C, keyHeads * D),
      out: matrix(`${at}.out`, heads * D, C, toStream),
    }
    const mixed = selfAttention(attentionInput, weights, {
      heads,
      keyHeads,
      ...(rotaryBase !== undefined && { rotate: (y: Value) => rope(y, rotaryBase, first) }),
      ...(attend && { attend: (parts: Heads) => attend(parts, layer) }),
    })
    x = x.add(mixed)
    const mlpInput = norm(`${at}.norm2`, x)
    const up = (name: string): Value => linear(mlpInput, matrix(`${at}.${name}`, C, inner))
    const hidden = config.mlp === 'gelu' ? gelu(up('up')) : silu(up('gate')).mul(up('up'))
    x = x.add(linear(hidden, matrix(`${at}.down`, inner, C, toStream)))
  }
  return norm('norm', onlyLast ? x.slice(1, T - 1, T) : x).matmulT(
    config.tied ? embedding : parameters.random('output', [vocabulary, C], 1 / Math.sqrt(C)),
  )
}

/** How many numbers the parameters of a decoder are. */
export function parameterCount(config: DecoderConfig): number {
  const graph = new Graph()
  const parameters = new Parameters(graph, 'constant')
  decoder(parameters, graph.constant('tokens', 'i32', [1, 1]), config)
  return parameters.count
}
