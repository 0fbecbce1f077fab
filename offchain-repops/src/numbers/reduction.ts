import { fma } from './fma.ts'

/**
 * The one shape of all reductions (docs/spec/repops.md, section 2.1): segments of 256 in index
 * order, their results combined in groups of 16 until one is left.
 */
export const SEGMENT = 256
export const GROUP = 16
const LANES = 32

/** R_dot of one segment: a chain of fma from +0 over `length` elements from `x[i]` and `y[j]`. */
export function dotSegment(
  x: Float32Array,
  i: number,
  y: Float32Array,
  j: number,
  length: number,
): number {
  let sum = 0
  for (let k = 0; k < length; k++) sum = fma(x[i + k], y[j + k], sum)
  return sum
}

const lanes = new Float32Array(LANES)

/** R_sum of one f32 segment: 32 lanes from +0, then a tree of halves. */
export function sumSegment(x: Float32Array, i: number, length: number): number {
  lanes.fill(0)
  for (let k = 0; k < length; k++) lanes[k & (LANES - 1)] += x[i + k]
  for (let width = LANES / 2; width >= 1; width /= 2) {
    for (let lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width]
  }
  return lanes[0]
}

/** R_sum of an i32 run of any length: wrapping addition has no order. */
export function sumIntegers(x: Int32Array, i: number, length: number): number {
  let sum = 0
  for (let k = 0; k < length; k++) sum = (sum + x[i + k]) | 0
  return sum
}

/** R_max of a run of any length: the maximum has no order either. */
export function maxSegment(x: Float32Array | Int32Array, i: number, length: number): number {
  let most = x instanceof Int32Array ? -2147483648 : -Infinity
  for (let k = 0; k < length; k++) most = Math.max(most, x[i + k])
  return most
}

/** R_scatter of one segment: a chain from +0 of the g whose index is `wanted`. */
export function scatterSegment(
  index: Int32Array,
  i: number,
  g: Float32Array,
  j: number,
  length: number,
  wanted: number,
): number {
  let sum = 0
  for (let k = 0; k < length; k++) {
    if (index[i + k] === wanted) sum = Math.fround(sum + g[j + k])
  }
  return sum
}

/** One round of combination: each group of 16 values in order becomes the chain v0 ∘ v1 ∘ … */
export function foldRound(
  values: readonly number[],
  combine: (a: number, b: number) => number,
): number[] {
  const groups: number[] = []
  for (let from = 0; from < values.length; from += GROUP) {
    groups.push(values.slice(from, from + GROUP).reduce((sum, value) => combine(sum, value)))
  }
  return groups
}

/** Combines segment results to one. At least one value. */
export function fold(values: readonly number[], combine: (a: number, b: number) => number): number {
  let left = values
  while (left.length > 1) left = foldRound(left, combine)
  return left[0]
}
