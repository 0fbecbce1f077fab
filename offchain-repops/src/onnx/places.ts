import type { Shape } from '../build/shapes.ts'
import { along, fixed, type Value } from '../build/Value.ts'
import { product } from '../program/wants.ts'
import type { Call } from './Call.ts'
import { KnownTensor } from './KnownTensor.ts'

// Where a value came from by a transposition, so that the next one starts there: exporters write chains of them.
const origins = new WeakMap<Value, { readonly source: Value; readonly order: readonly number[] }>()

/** Axis i of the result is axis `order[i]`; transpositions of transpositions are one. */
export function transpose(x: Value, order: readonly number[]): Value {
  const origin = origins.get(x)
  const [source, total] = origin
    ? [origin.source, order.map((axis) => origin.order[axis])]
    : [x, order]
  const y = source.transpose(total)
  origins.set(y, { source, order: total })
  return y
}

export function transposeLast(x: Value): Value {
  const axes = x.shape.map((_, axis) => axis)
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2])
}

/** Moves one axis to another place. */
export function moveAxis(x: Value, from: number, to: number): Value {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from)
  order.splice(to, 0, from)
  return transpose(x, order)
}

/** Applies what works along the last axis, and keeps its length, to another one. */
export function alongLastAxis(x: Value, axis: number, of: (x: Value) => Value): Value {
  const last = x.rank - 1
  return axis === last ? of(x) : moveAxis(of(moveAxis(x, axis, last)), last, axis)
}

/** The elements of one axis at places that are known: a move where they are regular, else a gather. */
export function take(call: Call, x: Value, axis: number, places: readonly number[]): Value {
  const shape = x.shape.map((dim, a) => (a === axis ? places.length : dim))
  const [first = 0, second = first] = places
  const step = second - first
  const dim = x.shape[axis]
  if (places.every((place, i) => place >= 0 && place < dim && place === first + i * step))
    return x.move(
      shape,
      x.shape.map((_, a) =>
        a !== axis ? along(a) : step === 0 ? fixed(first) : along(a, step, first),
      ),
    )
  const repeats = places.length / dim
  if (Number.isInteger(repeats) && places.every((place, i) => place === Math.floor(i / repeats))) {
    const [before, after] = [x.shape.slice(0, axis + 1), x.shape.slice(axis + 1)]
    return x
      .reshape([...before, 1, ...after])
      .expand([...before, repeats, ...after])
      .reshape(shape)
  }
  const indices = call.constant(
    new KnownTensor('int32', [places.length], Float64Array.from(places), {
      name: `${call.node.name}.places`,
    }),
  )
  return gatherAxis(x, axis, indices).reshape(shape)
}

/** Elements of one axis by indices of any shape, which takes the axis's place. */
export function gatherAxis(x: Value, axis: number, indices: Value): Value {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)]
  const shape = [...before, ...indices.shape, ...after]
  if (axis === 0) return x.gather(indices).reshape(shape)
  // Every row of what comes before takes the same places.
  const rows = indices.reshape([1, indices.count]).expand([product(before), indices.count])
  return x
    .reshape([product(before), x.shape[axis], product(after)])
    .gather(rows, 1)
    .reshape(shape)
}

/** Indices below 0 count from the end of an axis. */
export function fromFront(indices: Value, dim: number): Value {
  return indices.lt(0).where(indices.add(dim), indices)
}

/** Whether an index of the row axis is at most, plus an offset, that of the column axis: i32 [rows, columns]. */
export function atOrAfterDiagonal(
  call: Call,
  rows: number,
  columns: number,
  offset: number,
): Value {
  const { graph } = call
  return graph.iota(rows).add(offset).reshape([rows, 1]).le(graph.iota(columns))
}

/** The dims of a view; the count must stay. */
export function reshapeTo(dims: Shape, count: number, call: Call): number[] {
  const open = dims.indexOf(-1)
  const known = product(dims.filter((_, i) => i !== open))
  const resolved = dims.map((dim, i) => (i === open ? count / known : dim))
  if (product(resolved) !== count || resolved.some((dim) => !Number.isSafeInteger(dim) || dim < 0))
    call.malformed(`${count} elements do not have the shape [${dims.join(', ')}]`)
  return resolved
}
