import { NAN_BITS } from '../../numbers/bits.ts'
import { GROUP, SEGMENT } from '../../numbers/reduction.ts'
import type { IndexedForm } from '../../program/types.ts'
import type { Tensor } from '../../tensor.ts'

/** x [B,V,R], index [B,Q] → output [B,Q,R]: copies rows; a row out of range is NaN or 0. */
export function gather(
  { B, V, R, Q }: IndexedForm,
  x: Tensor,
  index: Tensor,
  output: Tensor,
): void {
  const missing = x.type === 'f32' ? NAN_BITS : 0
  for (let b = 0; b < B; b++) {
    for (let q = 0; q < Q; q++) {
      const v = index.words[b * Q + q]
      const to = (b * Q + q) * R
      const from = (b * V + v) * R
      if (v < 0 || v >= V) output.words.fill(missing, to, to + R)
      else for (let r = 0; r < R; r++) output.words[to + r] = x.words[from + r]
    }
  }
}

/**
 * index [B,Q], g [B,R,Q] → output [B,V,R] by R_scatter, without looking at the elements that an
 * index does not match: their segments are +0, and adding +0 changes no sum that began at +0.
 */
export function scatterAdd(
  { B, V, R, Q }: IndexedForm,
  index: Tensor,
  g: Tensor,
  output: Tensor,
): void {
  // sums[level][v]: the unfinished segment (0), group of 16 segments (1), group of those (2), …
  const sums = [new Float32Array(V)]
  let span = SEGMENT
  for (; span < Q; span *= GROUP) sums.push(new Float32Array(V))
  for (let b = 0; b < B; b++) {
    for (let r = 0; r < R; r++) {
      accumulate(sums, sums.length - 1, span, index.words, b * Q, g.floats, (b * R + r) * Q, Q)
      const total = sums[sums.length - 1]
      for (let v = 0; v < V; v++) output.floats[(b * V + v) * R + r] = total[v]
      total.fill(0)
    }
  }
}

/** Adds `length` elements, at most the span of `level`, to sums[level]; lower levels end at +0. */
function accumulate(
  sums: readonly Float32Array[],
  level: number,
  span: number,
  index: Int32Array,
  i: number,
  g: Float32Array,
  j: number,
  length: number,
): void {
  const sum = sums[level]
  if (level === 0) {
    for (let q = 0; q < length; q++) {
      const v = index[i + q]
      if (v >= 0 && v < sum.length) sum[v] += g[j + q]
    }
    return
  }
  const part = sums[level - 1]
  const step = span / GROUP
  for (let from = 0; from < length; from += step) {
    const count = Math.min(step, length - from)
    accumulate(sums, level - 1, step, index, i + from, g, j + from, count)
    for (let q = from; q < from + count; q++) {
      const v = index[i + q]
      if (v < 0 || v >= sum.length) continue
      sum[v] += part[v] // at its first match; +0, which changes nothing, at the others
      part[v] = 0
    }
  }
}
