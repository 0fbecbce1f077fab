import type { MoveForm } from '../../program/types.ts'
import { product } from '../../program/wants.ts'

/** One axis of a walk over the words of a tensor: how many steps, and how far each goes. */
export interface Axis {
  readonly extent: number
  readonly stride: number
}

/** The axes of a row-major tensor, outermost first, those in `mask` only; strides are 0 along the others. */
export function rowMajor(dims: readonly number[], mask = 2 ** dims.length - 1): Axis[] {
  const axes: Axis[] = []
  let stride = 1
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const varies = ((mask >> axis) & 1) === 1
    axes.unshift({ extent: dims[axis], stride: varies ? stride : 0 })
    if (varies) stride *= dims[axis]
  }
  return axes
}

/**
 * A Move as a walk over its input, one word for each of its output elements in order; undefined where it is none that
 * begins with the first word and only goes forward, or where it writes a fill.
 */
export function walkOf({ inDims, outDims, axes }: MoveForm): Axis[] | undefined {
  const strides = new Array<number>(outDims.length).fill(0)
  let stride = 1
  let start = 0
  for (let j = inDims.length - 1; j >= 0; j--) {
    const { offset, divisor, terms } = axes[j]
    const reach = terms.map(({ axis, coefficient }) => coefficient * (outDims[axis] - 1))
    const sum = (values: number[]): number => values.reduce((a, b) => a + b, offset)
    const least = sum(reach.map((far) => Math.min(0, far)))
    const most = sum(reach.map((far) => Math.max(0, far)))
    if (divisor !== 1 || least < 0 || most >= inDims[j]) return undefined
    start += offset * stride
    for (const { axis, coefficient } of terms) strides[axis] += coefficient * stride
    stride *= inDims[j]
  }
  if (start !== 0 || strides.some((far) => far < 0)) return undefined
  return outDims.map((extent, axis) => ({ extent, stride: strides[axis] }))
}

/** The same walk with as few axes as possible. */
export function collapse(axes: readonly Axis[]): Axis[] {
  const result: Axis[] = []
  for (const axis of axes) {
    if (axis.extent === 1) continue
    const outer = result.at(-1)
    if (outer?.stride === axis.extent * axis.stride)
      result[result.length - 1] = { extent: outer.extent * axis.extent, stride: axis.stride }
    else result.push(axis)
  }
  return result
}

/** Equal for equal walks that are collapsed. */
export const walkKey = (axes: readonly Axis[]): string =>
  axes.map(({ extent, stride }) => `${extent}:${stride}`).join(',')

/** Cuts a walk into walks of `extents` elements, outermost first; undefined where an axis lies across a cut. */
export function cut(axes: readonly Axis[], extents: readonly number[]): Axis[][] | undefined {
  const left = collapse(axes)
  const parts: Axis[][] = []
  for (const extent of extents.toReversed()) {
    const part: Axis[] = []
    for (let wanted = extent; wanted > 1; ) {
      const inner = left.pop()
      if (inner === undefined) return undefined
      const taken = Math.min(inner.extent, wanted)
      if (wanted % taken !== 0 || inner.extent % taken !== 0) return undefined
      part.unshift({ extent: taken, stride: inner.stride })
      if (taken < inner.extent)
        left.push({ extent: inner.extent / taken, stride: inner.stride * taken })
      wanted /= taken
    }
    parts.unshift(collapse(part))
  }
  return left.length === 0 ? parts : undefined
}

/** One stride for each of `extents`; undefined where a part of the walk needs more than one. */
export function stridesOf(axes: readonly Axis[], extents: readonly number[]): number[] | undefined {
  const parts = cut(axes, extents)
  if (parts === undefined || parts.some((part) => part.length > 1)) return undefined
  return parts.map((part) => part.at(0)?.stride ?? 0)
}

/** Where a walk of `count` elements has to be cut into axes: the products of extents from the inside, without `count`. */
export function cutsOf(axes: readonly Axis[]): number[] {
  let inner = 1
  const cuts: number[] = []
  for (const { extent } of axes.toReversed()) {
    inner *= extent
    cuts.push(inner)
  }
  return cuts.slice(0, -1)
}

/** The extents between cuts of `count` elements, outermost first; undefined where one cut does not divide the next. */
export function extentsOf(count: number, cuts: Iterable<number>): number[] | undefined {
  const sorted = [...new Set(cuts)].sort((a, b) => a - b)
  const extents: number[] = []
  let inner = 1
  for (const at of [...sorted, count]) {
    if (at % inner !== 0) return undefined
    if (at > inner) extents.unshift(at / inner)
    inner = at
  }
  return extents
}

/** Whether a walk meets every one of `count` words exactly once. */
export function isPermutation(axes: readonly Axis[], count: number): boolean {
  const byStride = axes.filter(({ extent }) => extent > 1).sort((a, b) => b.stride - a.stride)
  let inner = 1
  for (const { extent, stride } of byStride.toReversed()) {
    if (stride !== inner) return false
    inner *= extent
  }
  return inner === count && product(axes.map(({ extent }) => extent)) === count
}

/** The walk over the output of a permutation that goes through its input word by word. */
export function inverse(axes: readonly Axis[]): Axis[] {
  const out = rowMajor(axes.map(({ extent }) => extent))
  return axes
    .map(({ extent, stride }, i) => ({ extent, stride: out[i].stride, order: stride }))
    .filter(({ extent }) => extent > 1)
    .sort((a, b) => b.order - a.order)
    .map(({ extent, stride }) => ({ extent, stride }))
}

/**
 * The walk over the words of `inner` that goes through its elements as `outer` does; undefined where that is no walk:
 * an axis of the one would carry over from one axis of the other to the next.
 */
export function compose(outer: readonly Axis[], inner: readonly Axis[]): Axis[] | undefined {
  const digits: { extent: number; stride: number; unit: number; reach: number }[] = []
  let unit = 1
  for (const { extent, stride } of collapse(inner).toReversed()) {
    digits.push({ extent, stride, unit, reach: 0 })
    unit *= extent
  }
  const result: Axis[] = []
  for (const { extent, stride } of outer) {
    if (stride === 0 || extent === 1) {
      result.push({ extent, stride: 0 })
      continue
    }
    let at = digits.findIndex((digit) => stride < digit.unit * digit.extent)
    const parts: Axis[] = []
    for (let [left, step] = [extent, stride]; left > 1; at++) {
      const digit = digits.at(at)
      if (at < 0 || digit === undefined || step % digit.unit !== 0) return undefined
      const steps = step / digit.unit
      const taken = Math.min(left, Math.floor(digit.extent / steps))
      if (left % taken !== 0 || (taken < left && taken * steps !== digit.extent)) return undefined
      parts.unshift({ extent: taken, stride: steps * digit.stride })
      digit.reach += (taken - 1) * steps
      left /= taken
      step *= taken
    }
    result.push(...parts)
  }
  return digits.some(({ extent, reach }) => reach >= extent) ? undefined : collapse(result)
}
