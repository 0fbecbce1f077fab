import type { Value } from '../Value.ts'
import { attention, type Heads } from './attention.ts'

/** Keys and values of the tokens of a sequence so far: states [B, K, L, D], zeros where there are none yet. */
export interface KeyValueCache {
  readonly keys: Value
  readonly values: Value
}

/**
 * Attention of one token at `position` (an i32 scalar) to those before it, whose keys and values the cache holds, and
 * itself. Its own are written to the cache, row `position`; a position from L on is not kept.
 */
export function cachedAttention({ q, k, v }: Heads, cache: KeyValueCache, position: Value): Value {
  const { graph } = q
  const L = cache.keys.dim(2)
  const places = graph.iota(L)
  const here = places.eq(position).reshape([L, 1])
  const keys = here.where(k, cache.keys)
  const values = here.where(v.transpose([0, 2, 1, 3]), cache.values)
  graph.setNext(cache.keys, keys)
  graph.setNext(cache.values, values)
  return attention(q, keys, values.transposeLast(), places.le(position).reshape([1, L]))
}

/** Puts the keys and values of the first T ≤ L tokens into the cache and zeros behind them. */
export function fillCache({ k, v }: Heads, cache: KeyValueCache): void {
  const { graph } = k
  const rest = cache.keys.dim(2) - k.dim(2)
  graph.setNext(cache.keys, k.pad(2, 0, rest))
  graph.setNext(cache.values, v.transpose([0, 2, 1, 3]).pad(2, 0, rest))
}
