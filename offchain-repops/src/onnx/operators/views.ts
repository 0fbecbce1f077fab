import type { Call, Lowering } from '../Call.ts'
import {
  ELEMENT_TYPES,
  elementTypeOf,
  isFloat,
  runningType,
  type ElementType,
} from '../elementTypes.ts'
import { KnownTensor } from '../KnownTensor.ts'
import { product } from '../../program/wants.ts'
import { dimsOf, isKnown, type Operand } from '../operand.ts'
import { reshapeTo } from '../places.ts'

/** The first input under other dims, which its elements must fill. */
function viewed(call: Call, dims: readonly number[]): Operand {
  const operand = call.operand(0)
  const shape = reshapeTo(dims, product(dimsOf(operand)), call)
  return isKnown(operand)
    ? operand.with({ dims: shape })
    : { type: operand.type, value: operand.value.reshape(shape) }
}

function reshape(call: Call): Operand {
  const from = call.shape(0)
  const keepZero = call.flag('allowzero')
  const target = call.numbers(1, 'the shape')
  return viewed(
    call,
    target.map((dim, axis) =>
      dim === 0 && !keepZero
        ? (from[axis] ?? call.malformed(`the shape copies axis ${axis} of ${from.length}`))
        : dim,
    ),
  )
}

function flatten(call: Call): Operand {
  const from = call.shape(0)
  const given = call.int('axis', 1)
  const axis = given === from.length ? given : call.axis(given, Math.max(1, from.length))
  return viewed(call, [product(from.slice(0, axis)), product(from.slice(axis))])
}

function squeeze(call: Call): Operand {
  const from = call.shape(0)
  const axes = call.has(1)
    ? call.numbers(1, 'the axes').map((axis) => call.axis(axis, from.length))
    : from.flatMap((dim, axis) => (dim === 1 ? axis : []))
  for (const axis of axes)
    if (from[axis] !== 1) call.malformed(`axis ${axis} has ${from[axis]} elements and cannot go`)
  return viewed(
    call,
    from.filter((_, axis) => !axes.includes(axis)),
  )
}

function unsqueeze(call: Call): Operand {
  const from = call.shape(0)
  const given = call.numbers(1, 'the axes')
  const rank = from.length + given.length
  const axes = new Set(given.map((axis) => call.axis(axis, rank)))
  if (axes.size !== given.length) call.malformed(`the axes ${given.join(', ')} repeat one`)
  const rest = [...from]
  return viewed(
    call,
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.shift() ?? 1))),
  )
}

/** Converts elements; float to whole numbers truncates and saturates at 32 bits. */
function convert(call: Call, type: ElementType): Operand {
  const operand = call.operand(0)
  if (isKnown(operand)) return operand.cast(type)
  const x = operand.value
  if (type === 'bool') return { type, value: x.type === 'f32' ? x.eq(0).xor(1) : x.eq(0).xor(1) }
  const dtype = runningType(type, call.where)
  if (dtype === x.type) {
    const narrows = dtype === 'i32' && ELEMENT_TYPES[type].bytes < ELEMENT_TYPES[operand.type].bytes
    if (narrows && type !== 'int32') call.refuse(`${operand.type} to ${type} at run time`)
    return { type, value: x }
  }
  if (isFloat(type)) return { type, value: x.i2f() }
  if (type !== 'int32' && type !== 'int64') call.refuse(`${operand.type} to ${type} at run time`)
  return { type, value: x.f2i() }
}

function shapeOf(call: Call): KnownTensor {
  const shape = call.shape(0)
  const at = (place: number): number =>
    Math.min(shape.length, Math.max(0, place < 0 ? place + shape.length : place))
  return KnownTensor.ints(shape.slice(at(call.int('start', 0)), at(call.int('end', shape.length))))
}

function constant(call: Call): KnownTensor {
  const attribute = [...call.node.attributes.keys()].map((name) => call.attribute(name)).at(0)
  const label = { name: call.node.outputs[0] ?? '' }
  switch (attribute?.kind) {
    case 'tensor':
      return attribute.value.with(label)
    case 'int':
      return KnownTensor.ints([attribute.value], []).with(label)
    case 'ints':
      return KnownTensor.ints(attribute.value).with(label)
    case 'float':
      return KnownTensor.floats([attribute.value], []).with(label)
    case 'floats':
      return KnownTensor.floats(attribute.value).with(label)
    default:
      return call.refuse(`a constant of kind ${attribute?.kind ?? 'none'}`)
  }
}

/** Views, conversions and constants: what needs no node, or one for all elements. */
export const views: Readonly<Record<string, Lowering>> = {
  Cast: (call) => {
    call.ignore('saturate', 'round_mode') // of 8-bit floats
    return convert(call, elementTypeOf(call.int('to'), call.where))
  },
  CastLike: (call) => {
    call.ignore('saturate', 'round_mode')
    return convert(call, call.type(1))
  },
  Constant: constant,
  Dropout: (call) => {
    call.ignore('seed', 'ratio')
    if (call.has(2) && call.number(2, 'the training mode') !== 0) call.refuse('training mode')
    return call.operand(0)
  },
  Flatten: flatten,
  Identity: (call) => call.operand(0),
  Reshape: reshape,
  Shape: shapeOf,
  Size: (call) => KnownTensor.ints([product(call.shape(0))], []),
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
}
