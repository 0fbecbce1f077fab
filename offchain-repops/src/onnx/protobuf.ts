import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { OnnxError } from './OnnxError.ts'
import {
  MESSAGES,
  type Draft,
  type Field,
  type Message,
  type MessageName,
  type Scalars,
} from './schema.ts'

// Graphs nest in attributes of nodes; deeper than this is no model but an attack on the stack.
const MAX_DEPTH = 64

type ScalarName = keyof Scalars
type Fields = Readonly<Record<string, Field>>

const WIRE: Readonly<Record<ScalarName, WireType>> = {
  int32: WireType.Varint,
  int64: WireType.Varint,
  uint64: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
}

const READ: { readonly [T in ScalarName]: (reader: BinaryReader) => Scalars[T] } = {
  int32: (reader) => reader.int32(),
  int64: (reader) => Number(reader.int64()),
  uint64: (reader) => Number(reader.uint64()),
  float: (reader) => reader.float(),
  double: (reader) => reader.double(),
  string: (reader) => reader.string(),
  bytes: (reader) => reader.bytes(),
}

const INT64_LIMIT = 2n ** 63n

const WRITE: { readonly [T in ScalarName]: (writer: BinaryWriter, value: Scalars[T]) => void } = {
  int32: (writer, value) => writer.int32(value),
  int64: (writer, value) => writer.int64(clampInt64(value)),
  uint64: (writer, value) => writer.uint64(BigInt(value)),
  float: (writer, value) => writer.float(value),
  double: (writer, value) => writer.double(value),
  string: (writer, value) => writer.string(value),
  bytes: (writer, value) => writer.bytes(value),
}

const fieldsOf = (name: string): Fields => MESSAGES[name as MessageName]
const isScalar = (type: string): type is ScalarName => type in WIRE

/** Reads a message; bytes within it are views. Throws an OnnxError for bytes that are not one. */
export function decodeMessage<M extends MessageName>(name: M, bytes: Uint8Array): Message<M> {
  const reader = new BinaryReader(bytes)
  try {
    return readMessage(reader, name, bytes.length, 0) as Message<M>
  } catch (cause) {
    if (cause instanceof OnnxError) throw cause
    const at = Math.min(reader.pos, bytes.length)
    throw new OnnxError(
      'malformed',
      `the file is truncated or no ONNX model: ${(cause as Error).message} at byte ${at} of ${bytes.length}`,
      { cause },
    )
  }
}

function readMessage(reader: BinaryReader, name: string, end: number, depth: number): object {
  if (depth > MAX_DEPTH) throw new OnnxError('malformed', `messages nest deeper than ${MAX_DEPTH}`)
  const fields = fieldsOf(name)
  const byNumber = numbered(name)
  const message: Record<string, unknown> = {}
  for (const [key, [, , repeated]] of Object.entries(fields)) if (repeated) message[key] = []
  while (reader.pos < end) {
    const [number, wire] = reader.tag()
    const key = byNumber.get(number)
    if (key === undefined) {
      reader.skip(wire, number)
      continue
    }
    const [, type, repeated] = fields[key]
    const list = repeated ? (message[key] as unknown[]) : undefined
    const expected = isScalar(type) ? WIRE[type] : WireType.LengthDelimited
    if (list && isScalar(type) && expected !== wire && wire === WireType.LengthDelimited) {
      const last = boundary(reader, end)
      while (reader.pos < last) list.push(READ[type](reader))
    } else {
      if (wire !== expected) throw new Error(`${name}.${key} has wire type ${wire}`)
      const value = isScalar(type)
        ? READ[type](reader)
        : readMessage(reader, type, boundary(reader, end), depth + 1)
      if (list) list.push(value)
      else message[key] = value
    }
    if (reader.pos > end) throw new Error(`${name}.${key} passes the end of its message`)
  }
  return message
}

/** Where what follows a length ends. */
function boundary(reader: BinaryReader, end: number): number {
  const length = reader.uint32()
  if (reader.pos + length > end)
    throw new Error(`${length} bytes are announced where ${end - reader.pos} are left`)
  return reader.pos + length
}

const numbers = new Map<string, ReadonlyMap<number, string>>()

function numbered(name: string): ReadonlyMap<number, string> {
  let found = numbers.get(name)
  if (found === undefined) {
    found = new Map(Object.entries(fieldsOf(name)).map(([key, [number]]) => [number, key]))
    numbers.set(name, found)
  }
  return found
}

/** Writes a message; repeated numbers are packed. */
export function encodeMessage<M extends MessageName>(name: M, draft: Draft<M>): Uint8Array {
  const writer = new BinaryWriter()
  writeMessage(writer, name, draft)
  return writer.finish()
}

function writeMessage(writer: BinaryWriter, name: string, draft: object): void {
  for (const [key, [number, type, repeated]] of Object.entries(fieldsOf(name))) {
    const value = (draft as Record<string, unknown>)[key]
    if (value === undefined) continue
    const list = (repeated ? value : [value]) as readonly never[]
    if (isScalar(type) && repeated && WIRE[type] !== WireType.LengthDelimited) {
      if (list.length === 0) continue
      writer.tag(number, WireType.LengthDelimited).fork()
      for (const item of list) WRITE[type](writer, item)
      writer.join()
    } else
      for (const item of list) {
        if (isScalar(type)) WRITE[type](writer.tag(number, WIRE[type]), item)
        else {
          writer.tag(number, WireType.LengthDelimited).fork()
          writeMessage(writer, type, item)
          writer.join()
        }
      }
  }
}

function clampInt64(value: number): bigint {
  const whole = BigInt(value)
  if (whole >= INT64_LIMIT) return INT64_LIMIT - 1n
  return whole < -INT64_LIMIT ? -INT64_LIMIT : whole
}
