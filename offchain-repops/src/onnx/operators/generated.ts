import { add, mul } from '../../numbers/arithmetic.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { elementTypeOf, isFloat } from '../elementTypes.ts'
import { KnownTensor } from '../KnownTensor.ts'

// Tensors that shapes alone decide are made when the model is read; more elements are no shape arithmetic.
const MAX_COUNT = 2 ** 28

function storage(call: Call, dims: readonly number[], float: boolean): Float32Array | Float64Array {
  const count = product(dims)
  if (!(count >= 0 && count <= MAX_COUNT) || dims.some((dim) => !Number.isInteger(dim) || dim < 0))
    call.refuse(`a tensor of shape [${dims.join(', ')}]; ${MAX_COUNT} elements are supported`)
  return float ? new Float32Array(count) : new Float64Array(count)
}

function constantOfShape(call: Call): KnownTensor {
  const dims = call.numbers(0, 'the shape')
  const attribute = call.attribute('value')
  const value = attribute?.kind === 'tensor' ? attribute.value : KnownTensor.floats([0])
  if (value.count !== 1) call.malformed(`a value of ${value.count} elements`)
  const data = storage(call, dims, value.data instanceof Float32Array).fill(value.data[0])
  return new KnownTensor(value.type, dims, data, { name: call.node.outputs[0] ?? '' })
}

function range(call: Call): KnownTensor {
  call.ignore('stash_type')
  const [start, limit, delta] = ['the start', 'the limit', 'the step'].map((what, i) =>
    call.number(i, what),
  )
  const type = call.type(0)
  const count = Math.max(0, Math.ceil((limit - start) / delta))
  if (Number.isNaN(count)) call.malformed(`a range from ${start} to ${limit} by ${delta}`)
  const single = isFloat(type) && type !== 'double'
  const data = storage(call, [count], single)
  for (let i = 0; i < count; i++)
    data[i] = single ? add(start, mul(Math.fround(i), delta)) : start + i * delta
  return new KnownTensor(type, [count], data, { name: call.node.outputs[0] ?? '' })
}

/** The coordinates of elements that are not 0: [rank, how many]. */
function nonZero(call: Call): KnownTensor {
  const { dims, data } = call.known(0, 'which elements are not 0')
  const found = [...data.keys()].filter((i) => data[i] !== 0)
  const strides = dims.map((_, axis) => product(dims.slice(axis + 1)))
  const coordinates = dims.flatMap((dim, axis) =>
    found.map((i) => Math.floor(i / strides[axis]) % dim),
  )
  return KnownTensor.ints(coordinates, [dims.length, found.length])
}

function eyeLike(call: Call): KnownTensor {
  const [rows, columns] = call.shape(0)
  const type = call.hasAttribute('dtype')
    ? elementTypeOf(call.int('dtype'), call.where)
    : call.type(0)
  const offset = call.int('k', 0)
  const data = storage(call, [rows, columns], isFloat(type) && type !== 'double')
  for (let row = 0; row < rows; row++)
    if (row + offset >= 0 && row + offset < columns) data[row * columns + row + offset] = 1
  return new KnownTensor(type, [rows, columns], data, { name: call.node.outputs[0] ?? '' })
}

/** values[1] at the index, values[0] elsewhere; an index outside yields no hit. */
function oneHot(call: Call): Result {
  const depth = call.number(1, 'the depth')
  const indices = call.value(0)
  const whole = indices.type === 'f32' ? indices.f2i() : indices
  const axis = call.axis(call.int('axis', -1), whole.rank + 1)
  const [off, on] = [0, 1].map((i) => call.value(2).at(0, i))
  const places = call.graph.iota(depth).reshape([depth, ...whole.shape.slice(axis).map(() => 1)])
  const wanted = whole.reshape([...whole.shape.slice(0, axis), 1, ...whole.shape.slice(axis)])
  const front = wanted.lt(0).where(wanted.add(depth), wanted)
  return { type: call.type(2), value: front.eq(places).where(on, off) }
}

/** Tensors made from shapes, numbers and indices. */
export const generated: Readonly<Record<string, Lowering>> = {
  ConstantOfShape: constantOfShape,
  EyeLike: eyeLike,
  NonZero: nonZero,
  OneHot: oneHot,
  Range: range,
}
