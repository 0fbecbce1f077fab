import { operatorOf } from '../ops/index.ts'
import { slotType } from '../ops/define.ts'
import { canonicalElementwise } from '../program/canonical.ts'
import { MAX_REDUCTION } from '../program/limits.ts'
import type { DType, Input, MoveAxis } from '../program/types.ts'
import { product } from '../program/wants.ts'
import { canonicalMove } from './canonicalMove.ts'
import type { Graph } from './Graph.ts'
import {
  axisOf,
  broadcastMask,
  broadcastShapes,
  BuildError,
  resolveShape,
  sameShape,
  show,
  type Shape,
} from './shapes.ts'

/** A value, or a number that becomes a scalar of the type that is wanted. */
export type Operand = Value | number

/**
 * A tensor in a program that is being built, seen under a shape. Methods add nodes to its graph and
 * broadcast as NumPy does; axes may be counted from the end. Views under other shapes are free.
 */
export class Value {
  readonly graph: Graph
  readonly input: Input
  readonly type: DType
  readonly shape: Shape

  constructor(graph: Graph, input: Input, type: DType, shape: Shape) {
    this.graph = graph
    this.input = input
    this.type = type
    this.shape = shape
  }

  get count(): number {
    return product(this.shape)
  }

  get rank(): number {
    return this.shape.length
  }

  /** The length of an axis. */
  dim(axis: number): number {
    return this.shape[axisOf(this.shape, axis)]
  }

  /** A scalar of this value's type in its graph. */
  scalar(value: number): Value {
    return this.graph.scalar(this.type, value)
  }

  // Element-wise. What is not said here is the operator's line in the specification.

  add = (b: Operand): Value => elementwise('Add', [this, b])
  sub = (b: Operand): Value => elementwise('Sub', [this, b])
  mul = (b: Operand): Value => elementwise('Mul', [this, b])
  div = (b: Operand): Value => elementwise('Div', [this, b])
  rem = (b: Operand): Value => elementwise('Rem', [this, b])
  min = (b: Operand): Value => elementwise('Min', [this, b])
  max = (b: Operand): Value => elementwise('Max', [this, b])
  pow = (b: Operand): Value => elementwise('Pow', [this, b])
  /** this · b + c, rounded once. */
  fma = (b: Operand, c: Operand): Value => elementwise('Fma', [this, b, c])
  sqrt = (): Value => elementwise('Sqrt', [this])
  neg = (): Value => elementwise('Neg', [this])
  abs = (): Value => elementwise('Abs', [this])
  floor = (): Value => elementwise('Floor', [this])
  round = (): Value => elementwise('Round', [this])
  exp = (): Value => elementwise('Exp', [this])
  log = (): Value => elementwise('Log', [this])
  tanh = (): Value => elementwise('Tanh', [this])
  erf = (): Value => elementwise('Erf', [this])
  sin = (): Value => elementwise('Sin', [this])
  cos = (): Value => elementwise('Cos', [this])
  and = (b: Operand): Value => elementwise('And', [this, b])
  or = (b: Operand): Value => elementwise('Or', [this, b])
  xor = (b: Operand): Value => elementwise('Xor', [this, b])
  shl = (b: Operand): Value => elementwise('Shl', [this, b])
  shr = (b: Operand): Value => elementwise('Shr', [this, b])
  sar = (b: Operand): Value => elementwise('Sar', [this, b])
  eq = (b: Operand): Value => elementwise('Eq', [this, b])
  lt = (b: Operand): Value => elementwise('Lt', [this, b])
  le = (b: Operand): Value => elementwise('Le', [this, b])
  /** `a` where this i32 is not 0, else `b`; one of them must be a value. */
  where = (a: Operand, b: Operand): Value => elementwise('Where', [this, a, b])
  f2i = (): Value => elementwise('F2I', [this])
  i2f = (): Value => elementwise('I2F', [this])
  bits = (): Value => elementwise('Bits', [this])
  unbits = (): Value => elementwise('Unbits', [this])

  // Reductions.

  /** Sum over some axes (all by default). */
  sum(axes: readonly number[] = this.#allAxes(), keepDims = false): Value {
    return this.#reduce('ReduceSum', axes, keepDims)
  }

  /** Maximum over some axes (all by default). */
  reduceMax(axes: readonly number[] = this.#allAxes(), keepDims = false): Value {
    return this.#reduce('ReduceMax', axes, keepDims)
  }

  /** Sum over the axes along which `shape` is broadcast to this value's shape. */
  sumTo(shape: Shape): Value {
    const lead = this.rank - shape.length
    const summed = this.#allAxes().filter(
      (a) => a < lead || (shape[a - lead] === 1 && this.shape[a] > 1),
    )
    return this.sum(summed).reshape(shape)
  }

  /**
   * Matrix product over the last axis of both: [.., M, K] · [.., N, K] → [.., M, N]. Leading axes are
   * equal, or one of the two has none.
   */
  matmulT(y: Value): Value {
    if (this.rank < 2 || y.rank < 2 || this.dim(-1) !== y.dim(-1))
      throw new BuildError(
        `no product of ${show(this.shape)} and ${show(y.shape)} over the last axis`,
      )
    const [lead, yLead] = [this.shape.slice(0, -2), y.shape.slice(0, -2)]
    const [N, K] = [y.dim(-2), this.dim(-1)]
    if (yLead.length === 0)
      return this.#product(y, 1, this.count / K, N, [...lead, this.dim(-2), N])
    const M = this.dim(-2)
    if (lead.length > 0 && !sameShape(lead, yLead))
      throw new BuildError(`leading axes of ${show(this.shape)} and ${show(y.shape)} differ`)
    return this.#product(y, product(yLead), M, N, [...yLead, M, N])
  }

  #product(y: Value, B: number, M: number, N: number, shape: Shape): Value {
    const K = this.dim(-1)
    const xShared = this.count < B * M * K
    const yShared = y.count < B * N * K
    const form = { family: 'matmul', B, M, N, K, xShared, yShared } as const
    return this.graph.emit('MatMul', this.type, [this, y], form, shape)
  }

  // Places.

  /** The same elements under another shape; one dim may be −1. Free. */
  reshape(shape: Shape): Value {
    return new Value(this.graph, this.input, this.type, resolveShape(shape, this.count))
  }

  /**
   * Rows by index: this [batch.., V, row..] and indices [batch.., q..] → [batch.., q.., row..]. An index outside
   * [0, V) gives NaN or 0.
   */
  gather(indices: Value, batchAxes = 0): Value {
    const batch = this.shape.slice(0, batchAxes)
    if (this.rank <= batchAxes || !sameShape(batch, indices.shape.slice(0, batchAxes)))
      throw new BuildError(`no gather from ${show(this.shape)} by ${show(indices.shape)}`)
    const row = this.shape.slice(batchAxes + 1)
    const query = indices.shape.slice(batchAxes)
    const [B, V, R, Q] = [product(batch), this.shape[batchAxes], product(row), product(query)]
    const form = { family: 'indexed', B, V, R, Q } as const
    return this.graph.emit('Gather', this.type, [this, indices], form, [...batch, ...query, ...row])
  }

  /** This [B, R, Q] and indices [B, Q] → [B, V, R]: the sum over q of what belongs to each of V rows. */
  scatterAdd(indices: Value, V: number): Value {
    const [B, R, Q] = this.shape
    const form = { family: 'indexed', B, V, R, Q } as const
    return this.graph.emit('ScatterAdd', this.type, [indices, this], form, [B, V, R])
  }

  /** The `Move` form under this value's shape; free where it moves nothing. */
  move(outShape: Shape, axes: readonly MoveAxis[], fill: Operand = 0): Value {
    const identity =
      sameShape(this.shape, outShape) &&
      axes.every(
        ({ offset, divisor, terms }, j) =>
          (offset === 0 && divisor === 1 && this.shape[j] === 1 && terms.length === 0) ||
          (offset === 0 &&
            divisor === 1 &&
            terms.length === 1 &&
            terms[0].axis === j &&
            terms[0].coefficient === 1),
      )
    if (identity) return this
    const filled = typeof fill === 'number' ? this.scalar(fill).input : fill.input
    if (filled.kind !== 'immediate') throw new BuildError('the fill of a move is a number')
    const form = canonicalMove({
      family: 'move',
      inDims: this.shape,
      outDims: outShape,
      fill: filled.bits,
      axes,
    })
    return this.graph.emit('Move', this.type, [this], form, outShape)
  }

  /** Axis i of the result is axis `order[i]` of this value. */
  transpose(order: readonly number[]): Value {
    const from = order.map((axis) => axisOf(this.shape, axis))
    if (from.length !== this.rank || new Set(from).size !== this.rank)
      throw new BuildError(`${show(order)} is no order of the axes of ${show(this.shape)}`)
    const kept = from.filter((axis) => this.shape[axis] > 1)
    const shape = from.map((axis) => this.shape[axis])
    if (kept.every((axis, i) => i === 0 || kept[i - 1] < axis)) return this.reshape(shape)
    return this.move(
      shape,
      this.#allAxes().map((axis) => along(from.indexOf(axis))),
    )
  }

  /** Exchanges the last two axes. */
  transposeLast(): Value {
    const axes = this.#allAxes()
    return this.transpose([...axes.slice(0, -2), this.rank - 1, this.rank - 2])
  }

  /** Elements start, start + step, … below stop of one axis. */
  slice(axis: number, start: number, stop: number = this.dim(axis), step = 1): Value {
    const at = axisOf(this.shape, axis)
    const size = Math.ceil((stop - start) / step)
    if (!(start >= 0 && stop <= this.shape[at] && step >= 1 && size >= 1))
      throw new BuildError(`no slice ${start} to ${stop} of axis ${at} of ${show(this.shape)}`)
    return this.move(
      this.shape.map((dim, a) => (a === at ? size : dim)),
      this.#allAxes().map((a) => (a === at ? along(a, step, start) : along(a))),
    )
  }

  /** One element of an axis; the axis goes. */
  at(axis: number, index: number): Value {
    const at = axisOf(this.shape, axis)
    return this.slice(at, index, index + 1).reshape(this.shape.filter((_, a) => a !== at))
  }

  /** New elements before and after those of one axis. */
  pad(axis: number, before: number, after: number, fill: Operand = 0): Value {
    const at = axisOf(this.shape, axis)
    return this.move(
      this.shape.map((dim, a) => (a === at ? before + dim + after : dim)),
      this.#allAxes().map((a) => (a === at ? along(a, 1, -before) : along(a))),
      fill,
    )
  }

  /** One axis in reverse. */
  flip(axis: number): Value {
    const at = axisOf(this.shape, axis)
    return this.move(
      this.shape,
      this.#allAxes().map((a) => (a === at ? along(a, -1, this.shape[a] - 1) : along(a))),
    )
  }

  /** Repeats the value along the axes where it has one element and `shape` has more. */
  expand(shape: Shape): Value {
    const lead = shape.length - this.rank
    if (lead < 0 || this.shape.some((dim, a) => dim !== 1 && dim !== shape[a + lead]))
      throw new BuildError(`${show(this.shape)} does not broadcast to ${show(shape)}`)
    if (this.count === product(shape)) return this.reshape(shape)
    return this.move(
      shape,
      this.shape.map((dim, a) => (dim === 1 ? fixed(0) : along(a + lead))),
    )
  }

  /** Joins values that differ in one axis at most. */
  static concat(values: readonly Value[], axis: number): Value {
    const [first] = values
    const at = axisOf(first.shape, axis)
    const outer = first.shape.slice(0, at)
    const inner = first.shape.slice(at + 1)
    for (const { shape } of values)
      if (!sameShape(shape.slice(0, at), outer) || !sameShape(shape.slice(at + 1), inner))
        throw new BuildError(
          `${values.map((v) => show(v.shape)).join(', ')} do not join on axis ${at}`,
        )
    if (values.length === 1) return first
    if (values.length > 8) {
      const parts: Value[] = []
      for (let i = 0; i < values.length; i += 8)
        parts.push(Value.concat(values.slice(i, i + 8), at))
      return Value.concat(parts, at)
    }
    const sizes = values.map((value) => value.shape[at])
    const form = { family: 'concat', O: product(outer), I: product(inner), sizes } as const
    const total = sizes.reduce((a, b) => a + b, 0)
    return first.graph.emit('Concat', first.type, values, form, [...outer, total, ...inner])
  }

  /** The index of a node whose output this is; a copy is made of what is not a node's output. */
  asNode(): number {
    if (this.input.kind === 'node') return this.input.ref
    const form = {
      family: 'move',
      inDims: [this.count],
      outDims: [this.count],
      fill: 0,
      axes: [along(0)],
    } as const
    const { input } = this.graph.emit('Move', this.type, [this], form, [this.count])
    if (input.kind !== 'node') throw new Error('a node is expected')
    return input.ref
  }

  #allAxes(): number[] {
    return this.shape.map((_, axis) => axis)
  }

  #reduce(op: 'ReduceSum' | 'ReduceMax', axes: readonly number[], keepDims: boolean): Value {
    const reduced = new Set(axes.map((axis) => axisOf(this.shape, axis)))
    const kept = this.#allAxes().filter((axis) => !reduced.has(axis))
    const shape = keepDims
      ? this.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim))
      : kept.map((axis) => this.shape[axis])
    if (product(shape) === this.count) return this.reshape(shape)
    const R = product(shape)
    let rows = this.transpose([...kept, ...[...reduced].sort((a, b) => a - b)]).reshape([R, -1])
    // One node reduces so many elements at most: longer axes are reduced in pieces first.
    for (let K = rows.dim(1); K > MAX_REDUCTION; K = rows.dim(1)) {
      const piece = largestDivisor(K, MAX_REDUCTION)
      const form = { family: 'reduce', R: (R * K) / piece, K: piece } as const
      rows = this.graph.emit(op, this.type, [rows], form, [R, K / piece])
    }
    const form = { family: 'reduce', R, K: rows.dim(1) } as const
    return this.graph.emit(op, this.type, [rows], form, shape)
  }
}

function largestDivisor(n: number, limit: number): number {
  for (let count = Math.ceil(n / limit); count <= limit && count * 2 <= n; count++)
    if (n % count === 0) return n / count
  throw new BuildError(`${n} elements do not divide into parts of at most ${limit}`)
}

/** An input axis that follows one output axis. */
export function along(axis: number, coefficient = 1, offset = 0): MoveAxis {
  return { offset, divisor: 1, terms: [{ axis, coefficient }] }
}

/** An input axis of which one element is read everywhere. */
export const fixed = (index: number): MoveAxis => ({ offset: index, divisor: 1, terms: [] })

/** Adds an element-wise node over the broadcast of its operands, in canonical form. */
function elementwise(op: string, operands: readonly [Value, ...Operand[]]): Value {
  const { inputs, name } = operatorOf(op)
  const { graph } = operands[0]
  const typed = operands.find((operand, k) => inputs[k] === 'T' && operand instanceof Value)
  if (!(typed instanceof Value)) throw new BuildError(`${name} needs a value that has its type`)
  const T = typed.type
  const values = operands.map((operand, k) =>
    operand instanceof Value ? operand : graph.scalar(slotType(inputs[k], T), operand),
  )
  values.forEach((value, k) => {
    if (value.type !== slotType(inputs[k], T))
      throw new BuildError(`operand ${k} of ${name} on ${T} is ${value.type}`)
  })
  if (op === 'Mul') {
    const same = timesOne(values)
    if (same) return same
  }
  const shape = broadcastShapes(values.map((value) => value.shape))
  const masks = values.map((value) => broadcastMask(value.shape, shape.length))
  return graph.emit(op, T, values, canonicalElementwise(shape, masks), shape)
}

const ONE = 0x3f800000

/** x where the product is x · 1: gradients begin with a one. */
function timesOne([a, b]: readonly Value[]): Value | undefined {
  const isOne = ({ type, input, rank }: Value, other: Value): boolean =>
    type === 'f32' && input.kind === 'immediate' && input.bits === ONE && rank <= other.rank
  if (isOne(b, a)) return a
  return isOne(a, b) ? b : undefined
}
