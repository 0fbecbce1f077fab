import { argmax, topK } from '../../build/layers/selection.ts'
import type { Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { KnownTensor } from '../KnownTensor.ts'
import { isFloat } from '../elementTypes.ts'
import { integerResult } from '../foldIntegers.ts'
import { moveAxis } from '../places.ts'

// Beyond this the nine nodes for each of the largest elements are no sensible program.
const MAX_TOP = 64
const LARGEST = 3.4028234663852886e38

/** The axes to reduce, from the attribute or (ReduceSum from opset 13, the others from 18) the input. */
function axesOf(call: Call): number[] {
  const rank = call.shape(0).length
  const given = call.has(1) ? call.numbers(1, 'the axes') : [...(call.ints('axes') ?? [])]
  const none = call.flag('noop_with_empty_axes')
  if (given.length === 0) return none ? [] : call.shape(0).map((_, axis) => axis)
  return given.map((axis) => call.axis(axis, rank))
}

type Reduction = (x: Value, axes: readonly number[], call: Call) => Value

/** `of` reduces and keeps the axes with one element. */
const reduction =
  (of: Reduction, only: 'float' | 'any' = 'float'): Lowering =>
  (call) => {
    const keep = call.flag('keepdims', true)
    const axes = axesOf(call)
    const x = only === 'float' ? call.floatValue(0) : call.value(0)
    const y = of(x, axes, call)
    return keep ? y : y.reshape(y.shape.filter((_, axis) => !axes.includes(axis)))
  }

const sum: Reduction = (x, axes) => x.sum(axes, true)
const largest: Reduction = (x, axes) => x.reduceMax(axes, true)

/** The order of the elements turned round. */
const turned = (x: Value): Value => (x.type === 'f32' ? x.neg() : x.xor(-1))

function mean(x: Value, axes: readonly number[], call: Call): Value {
  if (x.type !== 'f32') return call.refuse('means of whole numbers are not supported')
  const count = product(axes.map((axis) => x.shape[axis]))
  return count === 1 ? x : x.sum(axes, true).div(count)
}

/** The product as a tree: there is no reduction of this kind. */
function multiplied(x: Value, axes: readonly number[]): Value {
  let y = x
  for (const axis of axes)
    for (let n = y.shape[axis]; n > 1; n = y.shape[axis]) {
      const half = Math.floor(n / 2)
      // A tensor of odd length is padded with a one.
      const even = n % 2 === 0 ? y : y.pad(axis, 0, 1, 1)
      const middle = half + (n % 2)
      y = even.slice(axis, 0, middle).mul(even.slice(axis, middle))
    }
  return y
}

/** log Σ exp x, from the largest element on, which is taken as finite. */
function logSumExp(x: Value, axes: readonly number[]): Value {
  const most = x.reduceMax(axes, true).max(-LARGEST).min(LARGEST)
  return x.sub(most).exp().sum(axes, true).log().add(most)
}

/** Index of the largest or smallest element: the first of equal ones, or the last. */
const selection =
  (least: boolean): Lowering =>
  (call) => {
    const x = call.value(0)
    const axis = call.axis(call.int('axis', 0), x.rank)
    const keep = call.flag('keepdims', true)
    const last = call.flag('select_last_index')
    const rows = moveAxis(least ? turned(x) : x, axis, x.rank - 1)
    const chosen = last ? lastLargest(rows) : argmax(rows)
    const shape = x.shape.flatMap((dim, a) => (a !== axis ? dim : keep ? 1 : []))
    return { type: 'int64', value: chosen.reshape(shape) }
  }

const lastLargest = (x: Value): Value =>
  x
    .eq(x.reduceMax([-1], true))
    .where(x.graph.iota(x.dim(-1)), -1)
    .reduceMax([-1])

function top(call: Call): readonly Result[] {
  const type = call.type(0)
  if (!isFloat(type)) call.refuse(`elements of type ${type} are not supported`)
  const x = call.value(0)
  const axis = call.axis(call.int('axis', -1), x.rank)
  const k = call.number(1, 'the number of elements')
  const most = call.flag('largest', true)
  call.ignore('sorted') // without it any order is right
  if (k > MAX_TOP || k > x.shape[axis] || k < 1)
    call.refuse(`the ${k} largest of ${x.shape[axis]} elements; 1 to ${MAX_TOP} are supported`)
  const { values, indices } = topK(moveAxis(most ? x : x.neg(), axis, x.rank - 1), k)
  const back = (value: Value): Value => moveAxis(value, x.rank - 1, axis)
  return [back(most ? values : values.neg()), { type: 'int64', value: back(indices) }]
}

/** Sums of the elements up to each one by doubling: log2(n) additions, exact for whole numbers. */
function runningSum(call: Call): Value {
  const x = call.value(0)
  const axis = call.axis(call.number(1, 'the axis'), x.rank)
  const [exclusive, reverse] = [call.flag('exclusive'), call.flag('reverse')]
  const n = x.shape[axis]
  const shifted = (y: Value, by: number): Value =>
    reverse ? y.slice(axis, by).pad(axis, 0, by) : y.slice(axis, 0, n - by).pad(axis, by, 0)
  let y = exclusive ? (n === 1 ? x.sub(x) : shifted(x, 1)) : x
  for (let by = 1; by < n; by *= 2) y = y.add(shifted(y, by))
  return y
}

/** Whole numbers are multiplied and summed exactly where they are known. */
const ofKnownIntegers =
  (op: 'Add' | 'Mul', start: number, otherwise: Lowering): Lowering =>
  (call) => {
    const operand = call.operand(0)
    const axes = operand instanceof KnownTensor && !isFloat(operand.type) ? axesOf(call) : []
    if (!(operand instanceof KnownTensor) || axes.length === 0 || axes.length < operand.dims.length)
      return otherwise(call)
    const dims = call.flag('keepdims', true) ? operand.dims.map(() => 1) : []
    const { type } = operand
    const all = Float64Array.from(operand.data).reduce(
      (a, b) => integerResult(call, op, type, a, b),
      start,
    )
    return new KnownTensor(type, dims, Float64Array.of(all))
  }

/** Reductions, and what selects by them. */
export const reductions: Readonly<Record<string, Lowering>> = {
  ArgMax: selection(false),
  ArgMin: selection(true),
  CumSum: runningSum,
  ReduceL1: reduction((x, axes) => x.abs().sum(axes, true)),
  ReduceL2: reduction((x, axes) => x.mul(x).sum(axes, true).sqrt()),
  ReduceLogSum: reduction((x, axes) => x.sum(axes, true).log()),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceMax: reduction(largest, 'any'),
  ReduceMean: reduction(mean, 'any'),
  ReduceMin: reduction((x, axes, call) => turned(largest(turned(x), axes, call)), 'any'),
  ReduceProd: ofKnownIntegers('Mul', 1, reduction(multiplied, 'any')),
  ReduceSum: ofKnownIntegers('Add', 0, reduction(sum, 'any')),
  ReduceSumSquare: reduction((x, axes) => x.mul(x).sum(axes, true), 'any'),
  TopK: top,
}
