import type { MoveForm } from '../../program/types.ts'
import type { Tensor } from '../../tensor.ts'

/**
 * Copies elements by the affine maps of the form; fills where they fall outside. Works row by row
 * along the last output axis, on which every v_j changes by a constant.
 */
export function move({ inDims, outDims, axes, fill }: MoveForm, x: Tensor, output: Tensor): void {
  const last = outDims.length - 1
  const length = last < 0 ? 1 : outDims[last]
  // v_j at the start of the row, and its change along each output axis
  const v = axes.map(({ offset }) => offset)
  const slopes = axes.map(({ terms }) => {
    const slope = new Array<number>(outDims.length).fill(0)
    for (const { axis, coefficient } of terms) slope[axis] = coefficient
    return slope
  })
  const rowSlopes = slopes.map((slope) => (last < 0 ? 0 : slope[last]))
  const divisors = axes.map(({ divisor }) => divisor)
  const divided = divisors.some((divisor) => divisor !== 1)
  const position = new Array<number>(Math.max(0, last)).fill(0)
  for (let at = 0; at < output.count; at += length) {
    if (divided)
      copyDivided(x.words, inDims, v, rowSlopes, divisors, output.words, at, length, fill)
    else copyRow(x.words, inDims, v, rowSlopes, output.words, at, length, fill)
    for (let axis = last - 1; axis >= 0; axis--) {
      const wraps = ++position[axis] === outDims[axis]
      const steps = wraps ? 1 - outDims[axis] : 1
      for (let j = 0; j < v.length; j++) v[j] += steps * slopes[j][axis]
      if (!wraps) break
      position[axis] = 0
    }
  }
}

/** A row without divisors: the outputs that fall inside are one interval, read with one stride. */
function copyRow(
  x: Int32Array,
  dims: readonly number[],
  v: readonly number[],
  slopes: readonly number[],
  out: Int32Array,
  at: number,
  length: number,
  fill: number,
): void {
  let first = 0
  let end = length
  for (let j = 0; j < dims.length; j++) {
    const start = v[j]
    const slope = slopes[j]
    // 0 ≤ start + slope·i < dims[j]
    if (slope > 0) {
      first = Math.max(first, Math.ceil(-start / slope))
      end = Math.min(end, Math.ceil((dims[j] - start) / slope))
    } else if (slope < 0) {
      first = Math.max(first, Math.floor((start - dims[j]) / -slope) + 1)
      end = Math.min(end, Math.floor(start / -slope) + 1)
    } else if (start < 0 || start >= dims[j]) {
      end = 0
    }
  }
  if (first >= end) {
    out.fill(fill, at, at + length)
    return
  }
  let from = 0
  let stride = 0
  for (let j = 0; j < dims.length; j++) {
    from = from * dims[j] + v[j] + slopes[j] * first
    stride = stride * dims[j] + slopes[j]
  }
  out.fill(fill, at, at + first)
  for (let i = first; i < end; i++, from += stride) out[at + i] = x[from]
  out.fill(fill, at + end, at + length)
}

/** A row of any kind, element by element. */
function copyDivided(
  x: Int32Array,
  dims: readonly number[],
  v: readonly number[],
  slopes: readonly number[],
  divisors: readonly number[],
  out: Int32Array,
  at: number,
  length: number,
  fill: number,
): void {
  for (let i = 0; i < length; i++) {
    let from = 0
    for (let j = 0; j < dims.length && from >= 0; j++) {
      const index = (v[j] + slopes[j] * i) / divisors[j]
      const inside = index >= 0 && index < dims[j] && Number.isInteger(index)
      from = inside ? from * dims[j] + index : -1
    }
    out[at + i] = from >= 0 ? x[from] : fill
  }
}
