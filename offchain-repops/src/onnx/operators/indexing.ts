import { sameShape } from '../../build/shapes.ts'
import { Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { KnownTensor } from '../KnownTensor.ts'
import { isKnown } from '../operand.ts'
import { fromFront, gatherAxis, moveAxis, take } from '../places.ts'

/** Elements of an axis by indices; those that are known become a move where they are regular. */
function gather(call: Call): Result {
  const shape = call.shape(0)
  const axis = call.axis(call.int('axis', 0), shape.length)
  const indices = call.operand(1)
  const dim = shape[axis]
  const type = call.type(0)
  if (!isKnown(indices))
    return { type, value: gatherAxis(call.value(0), axis, fromFront(indices.value, dim)) }
  const places = [...indices.data].map((at) => {
    const place = at < 0 ? at + dim : at
    return place >= 0 && place < dim ? place : call.malformed(`index ${at} of an axis of ${dim}`)
  })
  const out = [...shape.slice(0, axis), ...indices.dims, ...shape.slice(axis + 1)]
  const data = call.operand(0)
  // Dims out of a shape are kept as int64.
  if (isKnown(data) && data.dims.length === 1 && data.type === 'int64')
    return KnownTensor.ints(
      places.map((place) => data.data[place]),
      out,
    )
  return { type, value: take(call, call.value(0), axis, places).reshape(out) }
}

/** out[.., q] = x[.., i[.., q]] along an axis: a gather within every row. */
function gatherElements(call: Call): Result {
  const x = call.value(0)
  const axis = call.axis(call.int('axis', 0), x.rank)
  const indices = call.value(1)
  const last = x.rank - 1
  const fitting = indices.shape.reduce(
    (y, dim, a) => (a === axis || dim === y.shape[a] ? y : y.slice(a, 0, dim)),
    x,
  )
  const rows = moveAxis(fitting, axis, last)
  const places = moveAxis(fromFront(indices, x.shape[axis]), axis, last)
  return { type: call.type(0), value: moveAxis(rows.gather(places, last), last, axis) }
}

/**
 * Indices [.., k] into the first k axes of `shape` as indices into those axes joined: i32 [..].
 */
function joinedIndices(indices: Value, shape: readonly number[]): Value {
  const k = indices.dim(-1)
  let joined: Value | undefined
  for (let axis = 0; axis < k; axis++) {
    const place = fromFront(indices.at(-1, axis), shape[axis])
    joined = joined ? joined.mul(shape[axis]).add(place) : place
  }
  if (joined === undefined) throw new RangeError('indices of no axes')
  return joined
}

function gatherND(call: Call): Result {
  const [x, indices] = [call.value(0), call.value(1)]
  const batch = call.int('batch_dims', 0)
  const k = indices.dim(-1)
  const lead = x.shape.slice(0, batch)
  const [joined, rest] = [x.shape.slice(batch, batch + k), x.shape.slice(batch + k)]
  const places = joinedIndices(indices, joined)
  const value = x.reshape([...lead, product(joined), ...rest]).gather(places, batch)
  return { type: call.type(0), value }
}

/**
 * Rows of data [B, V, R] replaced by updates [B, Q, R] at indices [B, Q], no two of which are equal. One scatter says
 * which update belongs to each row, and the rows are gathered from both: every bit is copied.
 */
function replaceRows(call: Call, data: Value, indices: Value, updates: Value): Value {
  const { graph } = call
  const [[B, V], Q] = [data.shape, indices.dim(1)]
  const which = graph.iota(Q).add(1).i2f().reshape([1, 1, Q]).expand([B, 1, Q])
  const chosen = which.scatterAdd(indices, V).reshape([B, V]).f2i()
  const source = chosen.eq(0).where(graph.iota(V), chosen.add(V - 1))
  return Value.concat([data, updates], 1).gather(source, 1)
}

function scatterReduction(call: Call): 'none' | 'add' {
  return call.choice('reduction', ['none', 'add'])
}

function scatterND(call: Call): Result {
  const [data, indices, updates] = [call.value(0), call.value(1), call.value(2)]
  const k = indices.dim(-1)
  const [V, R] = [product(data.shape.slice(0, k)), product(data.shape.slice(k))]
  const places = joinedIndices(indices, data.shape).reshape([1, -1])
  const Q = places.count
  const rows = updates.reshape([1, Q, R])
  const type = call.type(0)
  if (scatterReduction(call) === 'none')
    return {
      type,
      value: replaceRows(call, data.reshape([1, V, R]), places, rows).reshape(data.shape),
    }
  const sums = rows.transpose([0, 2, 1]).scatterAdd(places, V)
  return { type, value: data.reshape([1, V, R]).add(sums).reshape(data.shape) }
}

function scatterElements(call: Call): Result {
  const data = call.value(0)
  const axis = call.axis(call.int('axis', 0), data.rank)
  const last = data.rank - 1
  const [indices, updates] = [call.value(1), call.value(2)]
  const reduction = scatterReduction(call)
  if (!sameShape(indices.shape, updates.shape))
    call.malformed(
      `indices [${indices.shape.join(', ')}] for updates [${updates.shape.join(', ')}]`,
    )
  // Rows without indices get some that match nothing.
  const whole = (x: Value, fill: number): Value =>
    x.shape.reduce(
      (y, dim, a) =>
        a === axis || dim === data.shape[a] ? y : y.pad(a, 0, data.shape[a] - dim, fill),
      x,
    )
  const rowsOf = (x: Value): Value => {
    const moved = moveAxis(x, axis, last)
    return moved.reshape([-1, moved.dim(-1)])
  }
  const places = rowsOf(whole(fromFront(indices, data.shape[axis]), -1))
  const [rows, changes] = [rowsOf(data), rowsOf(whole(updates, 0))]
  const [B, V] = rows.shape
  const Q = changes.dim(1)
  const result =
    reduction === 'add'
      ? rows.add(changes.reshape([B, 1, Q]).scatterAdd(places, V).reshape([B, V]))
      : replaceRows(call, rows.reshape([B, V, 1]), places, changes.reshape([B, Q, 1]))
  const moved = moveAxis(data, axis, last).shape
  return { type: call.type(0), value: moveAxis(result.reshape(moved), last, axis) }
}

/** Gathers and scatters. */
export const indexing: Readonly<Record<string, Lowering>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
}
