import { product } from '../program/wants.ts'
import { ELEMENT_TYPES, elementTypeOf, type ElementType } from './elementTypes.ts'
import { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'
import { EXTERNAL, type Message } from './schema.ts'

/** Gives bytes of a file beside the model: `length` of them from `offset`, all that follow where it is absent. */
export type ReadExternal = (location: string, offset: number, length?: number) => Uint8Array

/** The contents of a TensorProto. Throws an OnnxError where they are not there, or not of its shape. */
export function readTensor(message: Message<'Tensor'>, readExternal?: ReadExternal): KnownTensor {
  const name = message.name ?? ''
  const what = `tensor ${JSON.stringify(name)}`
  const type = elementTypeOf(message.dataType ?? 0, what)
  const { dims } = message
  const count = product(dims)
  if (dims.some((dim) => !(Number.isSafeInteger(dim) && dim >= 0)) || !Number.isSafeInteger(count))
    throw new OnnxError('malformed', `${what} has the shape [${dims.join(', ')}]`)
  if (message.dataLocation === EXTERNAL)
    return new KnownTensor(
      type,
      dims,
      fromBytes(type, externalBytes(message, what, readExternal), count, what),
      { name },
    )
  if (message.rawData !== undefined)
    return new KnownTensor(type, dims, fromBytes(type, message.rawData, count, what), { name })
  return new KnownTensor(type, dims, fromFields(type, message, count, what), { name })
}

function externalBytes(
  { externalData }: Message<'Tensor'>,
  what: string,
  readExternal: ReadExternal | undefined,
): Uint8Array {
  const entries = new Map(externalData.map(({ key = '', value = '' }) => [key, value]))
  const location = entries.get('location') ?? ''
  // A model must not read files of whoever imports it.
  if (location === '' || /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)|\0/i.test(location))
    throw new OnnxError(
      'weights',
      `${what} lies in the file ${JSON.stringify(location)}, which is not beside the model`,
    )
  if (readExternal === undefined)
    throw new OnnxError(
      'input',
      `${what} lies in the file ${JSON.stringify(location)}: open the model by its path`,
    )
  const [offset, length] = ['offset', 'length'].map((key) => {
    const text = entries.get(key)
    if (text !== undefined && !/^\d{1,15}$/.test(text))
      throw new OnnxError('malformed', `${what} has the ${key} ${JSON.stringify(text)}`)
    return text === undefined ? undefined : Number(text)
  })
  return readExternal(location, offset ?? 0, length)
}

function fromBytes(
  type: ElementType,
  bytes: Uint8Array,
  count: number,
  what: string,
): Float32Array | Float64Array {
  const size = ELEMENT_TYPES[type].bytes
  if (bytes.length !== count * size)
    throw new OnnxError(
      'malformed',
      `${what} takes ${count * size} bytes (${count} of ${type}), ${bytes.length} are there`,
    )
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === 'float') return new Float32Array(new Uint8Array(bytes).buffer)
  const halves = type === 'float16' || type === 'bfloat16'
  const values = halves ? new Float32Array(count) : new Float64Array(count)
  const read = READERS[type]
  for (let i = 0; i < count; i++) values[i] = read(view, i * size)
  return values
}

const READERS: Readonly<Record<ElementType, (view: DataView, at: number) => number>> = {
  float: (view, at) => view.getFloat32(at, true),
  double: (view, at) => view.getFloat64(at, true),
  float16: (view, at) => halfToNumber(view.getUint16(at, true)),
  bfloat16: (view, at) => bfloatToNumber(view.getUint16(at, true)),
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  bool: (view, at) => Number(view.getUint8(at) !== 0),
  uint16: (view, at) => view.getUint16(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
}

function fromFields(
  type: ElementType,
  { floatData, doubleData, int32Data, int64Data, uint64Data }: Message<'Tensor'>,
  count: number,
  what: string,
): Float32Array | Float64Array {
  const values =
    type === 'float'
      ? floatData
      : type === 'double'
        ? doubleData
        : type === 'int64'
          ? int64Data
          : type === 'uint64' || type === 'uint32'
            ? uint64Data
            : int32Data
  if (values.length !== count)
    throw new OnnxError(
      'malformed',
      `${what} takes ${count} elements of ${type}, ${values.length} are there`,
    )
  switch (type) {
    case 'float':
      return Float32Array.from(values)
    case 'float16':
      return Float32Array.from(values, (bits) => halfToNumber(bits & 0xffff))
    case 'bfloat16':
      return Float32Array.from(values, (bits) => bfloatToNumber(bits & 0xffff))
    case 'bool':
      return Float64Array.from(values, (value) => Number(value !== 0))
    default:
      return Float64Array.from(values)
  }
}

/** IEEE-754 binary16. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, mantissa] = [(bits >> 10) & 0x1f, bits & 0x3ff]
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN
  if (exponent === 0) return sign * mantissa * 2 ** -24
  return sign * (mantissa + 0x400) * 2 ** (exponent - 25)
}

function bfloatToNumber(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]
}
