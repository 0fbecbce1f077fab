import { BuildError, show } from '../shapes.ts'
import { along, fixed, type Value } from '../Value.ts'
import { linear } from './linear.ts'
import { softmax } from './softmax.ts'

/**
 * Scaled dot-product attention in which position t sees positions 0 … t (Vaswani et al. 2017).
 * q, k [.., T, D] and the transposed values vT [.., D, T] → [.., T, D].
 */
export function causalAttention(q: Value, k: Value, vT: Value): Value {
  const [T, D] = [q.dim(-2), q.dim(-1)]
  const places = q.graph.iota(T)
  const visible = places.reshape([1, T]).le(places.reshape([T, 1]))
  const scores = visible.where(q.matmulT(k).mul(1 / Math.sqrt(D)), -Infinity)
  return softmax(scores).matmulT(vT)
}

/** Weights of a block of self-attention over C channels. */
export interface AttentionWeights {
  /** [3C, C]: queries, keys, values. */
  readonly qkv: Value
  readonly qkvBias: Value
  /** [C, C]. */
  readonly out: Value
  readonly outBias: Value
}

/** Causal multi-head self-attention: x [B, T, C] → [B, T, C]; C is a multiple of `heads`. */
export function selfAttention(x: Value, weights: AttentionWeights, heads: number): Value {
  const [B, T, C] = x.shape
  if (x.rank !== 3 || C % heads !== 0)
    throw new BuildError(`no attention with ${heads} heads over ${show(x.shape)}`)
  const D = C / heads
  const qkv = linear(x, weights.qkv, weights.qkvBias).reshape([B, T, 3, heads, D])
  // [B, T, part, H, D] → [B, H, T, D] or, for the values, [B, H, D, T].
  const part = (index: number, time: number, channel: number): Value => {
    const shape = [B, heads, 0, 0]
    shape[time] = T
    shape[channel] = D
    return qkv.move(shape, [along(0), along(time), fixed(index), along(1), along(channel)])
  }
  const mixed = causalAttention(part(0, 2, 3), part(1, 2, 3), part(2, 3, 2))
  return linear(mixed.transpose([0, 2, 1, 3]).reshape([B, T, C]), weights.out, weights.outBias)
}
