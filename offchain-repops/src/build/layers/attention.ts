import { BuildError, show } from '../shapes.ts'
import type { Value } from '../Value.ts'
import { linear, type LinearWeights } from './linear.ts'
import { softmax } from './softmax.ts'

/** What attention works on, for T tokens: queries [B, H, T, D], keys [B, K, T, D], values [B, T, K, D]; H = K · G. */
export interface Heads {
  readonly q: Value
  readonly k: Value
  readonly v: Value
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017) of queries [.., K · G, T, D] on keys [.., K, L, D] and transposed
 * values vT [.., K, D, L] → [.., K · G, T, D]. Groups of G query heads share a head of keys (Ainslie et al. 2023).
 * `visible` [T, L] says which keys a query sees: the others have weight 0, so what they hold and how many there are
 * changes no bit (but the sign of a result that underflows to 0) as long as it is finite.
 */
export function attention(q: Value, k: Value, vT: Value, visible: Value): Value {
  const [H, T, D] = q.shape.slice(-3)
  const [K, L] = k.shape.slice(-3)
  const lead = q.shape.slice(0, -3)
  const rows = [...lead, K, (H / K) * T]
  const scores = q
    .reshape([...rows, D])
    .matmulT(k)
    .mul(1 / Math.sqrt(D))
  const masked = visible.where(scores.reshape([...lead, K, H / K, T, L]), -Infinity)
  return softmax(masked)
    .reshape([...rows, L])
    .matmulT(vT)
    .reshape(q.shape)
}

/** [T, T]: position t sees positions 0 … t. */
export function causalMask(places: Value): Value {
  const T = places.count
  return places.reshape([1, T]).le(places.reshape([T, 1]))
}

/** Attention in which position t sees positions 0 … t. */
export function causalAttention({ q, k, v }: Heads): Value {
  return attention(q, k, v.transpose([0, 2, 3, 1]), causalMask(q.graph.iota(q.dim(2))))
}

/** Weights of a block of self-attention over C channels: H · D and K · D of them after the first three. */
export interface AttentionWeights {
  /** [H · D, C]. */
  readonly query: LinearWeights
  /** [K · D, C]. */
  readonly key: LinearWeights
  /** [K · D, C]. */
  readonly value: LinearWeights
  /** [C, H · D]. */
  readonly out: LinearWeights
}

export interface AttentionOptions {
  /** H. */
  readonly heads: number
  /** K, a divisor of H; H by default. */
  readonly keyHeads?: number
  /** Applied to queries and keys. */
  readonly rotate?: (x: Value) => Value
  /** How tokens see each other; `causalAttention` by default. */
  readonly attend?: (heads: Heads) => Value
}

/** Multi-head self-attention: x [B, T, C] → [B, T, C]. */
export function selfAttention(
  x: Value,
  weights: AttentionWeights,
  { heads: H, keyHeads: K = H, rotate = (y) => y, attend = causalAttention }: AttentionOptions,
): Value {
  const [B, T] = x.shape
  const D = weights.query.weight.dim(0) / H
  if (x.rank !== 3 || !Number.isInteger(D) || H % K !== 0)
    throw new BuildError(`no attention with ${H} heads on ${K} over ${show(x.shape)}`)
  const split = (part: LinearWeights, count: number): Value =>
    linear(x, part).reshape([B, T, count, D])
  const channelsLast = (y: Value): Value => y.transpose([0, 2, 1, 3])
  const mixed = attend({
    q: rotate(channelsLast(split(weights.query, H))),
    k: rotate(channelsLast(split(weights.key, K))),
    v: split(weights.value, K),
  })
  return linear(channelsLast(mixed).reshape([B, T, H * D]), weights.out)
}
