import type { DType } from '../program/types.ts'
import { product } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'
import { STORED_TYPES, type StoredType } from './dtypes.ts'

/** Bytes that are not a safetensors file, or hold what RepOps has no type for. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'
}

/** A tensor of a file, with the shape that the file gives it. */
export interface NamedTensor {
  readonly shape: readonly number[]
  readonly tensor: Tensor
}

/**
 * The safetensors format: the length of the header (u64, little-endian), the header (JSON: name → dtype, shape,
 * data_offsets; `__metadata__` → text to text), then all data without gaps. Written as F32 and I32; read from any type
 * whose values these have (dtypes.ts).
 */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NamedTensor>
  readonly metadata: ReadonlyMap<string, string>
}

const DTYPES: Readonly<Record<DType, string>> = { f32: 'F32', i32: 'I32' }
const METADATA = '__metadata__'
const MAX_HEADER_BYTES = 100_000_000

export function writeSafetensors(
  tensors: Iterable<readonly [name: string, tensor: NamedTensor]>,
  metadata: Iterable<readonly [string, string]> = [],
): Uint8Array {
  const header: Record<string, unknown> = {}
  const texts = Object.fromEntries(metadata)
  if (Object.keys(texts).length > 0) header[METADATA] = texts
  const parts: Uint8Array[] = []
  let end = 0
  for (const [name, { shape, tensor }] of tensors) {
    if (name === METADATA || name in header)
      throw new SafetensorsError(`two tensors called ${name}`)
    if (product(shape) !== tensor.count)
      throw new SafetensorsError(
        `tensor ${name} has ${tensor.count} elements, not shape [${shape.join(', ')}]`,
      )
    const begin = end
    end += tensor.bytes.length
    header[name] = { dtype: DTYPES[tensor.type], shape, data_offsets: [begin, end] }
    parts.push(tensor.bytes)
  }
  // Padded so that the data begin at a multiple of eight bytes.
  const text = new TextEncoder().encode(JSON.stringify(header))
  const padding = new Uint8Array((8 - (text.length % 8)) % 8).fill(0x20)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setUint32(0, text.length + padding.length, true)
  return new Uint8Array(Buffer.concat([length, text, padding, ...parts]))
}

/** Reads a file; throws a SafetensorsError for anything that is not exactly one. Tensors are copies. */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, data } = split(bytes)
  const metadata = new Map<string, string>()
  const placed: { name: string; begin: number; end: number }[] = []
  const tensors = new Map<string, NamedTensor>()
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) {
      for (const [key, value] of Object.entries(record(entry, METADATA))) {
        if (typeof value !== 'string') fail(`${METADATA}: the value of ${key} is no text`)
        metadata.set(key, value)
      }
      continue
    }
    const { stored, shape, begin, end } = readEntry(name, entry)
    if (end > data.length)
      fail(`tensor ${name} ends at byte ${end} of ${data.length}: the file is truncated`)
    placed.push({ name, begin, end })
    tensors.set(name, { shape, tensor: widen(name, stored, data.subarray(begin, end)) })
  }
  checkPlaces(placed, data.length)
  return { tensors, metadata }
}

function fail(what: string): never {
  throw new SafetensorsError(what)
}

function split(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8)
    fail(`the file has ${bytes.length} bytes, fewer than its header's length takes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const length = Number(view.getBigUint64(0, true))
  const isOutside = length > MAX_HEADER_BYTES || length > bytes.length - 8
  // The length of a header that can be has zeros among its first eight bytes.
  if (isOutside && isText(bytes.subarray(0, 8))) fail('the file is text, not safetensors')
  if (isOutside)
    fail(`the header has ${length} bytes, the file ${bytes.length - 8} after its length`)
  const header = bytes.subarray(8, 8 + length)
  if (header[0] !== 0x7b) fail('the header does not begin with {')
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header))
  } catch (error) {
    fail(`the header is not JSON: ${(error as Error).message}`)
  }
  return { header: record(parsed, 'the header'), data: bytes.subarray(8 + length) }
}

/** Whether these are letters, digits, marks, spaces and line breaks, in ASCII or beyond. */
const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => (byte >= 0x20 && byte !== 0x7f && byte < 0xf8) || (byte >= 9 && byte <= 13))

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail(`${what} is not a JSON object`)
  return value as Record<string, unknown>
}

function readEntry(
  name: string,
  entry: unknown,
): { stored: StoredType; shape: readonly number[]; begin: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = record(entry, `the entry of tensor ${name}`)
  const stored = typeof dtype === 'string' ? STORED_TYPES.get(dtype) : undefined
  if (stored === undefined)
    fail(
      `tensor ${name} has dtype ${JSON.stringify(dtype)}; ${[...STORED_TYPES.keys()].join(', ')} can be read`,
    )
  if (!isCounts(shape)) fail(`tensor ${name} has shape ${JSON.stringify(shape)}`)
  if (!isCounts(offsets) || offsets.length !== 2)
    fail(`tensor ${name} has offsets ${JSON.stringify(offsets)}`)
  const [begin, end] = offsets
  if (end - begin !== stored.size * product(shape))
    fail(`tensor ${name} of shape [${shape.join(', ')}] takes bytes ${begin} to ${end}`)
  return { stored, shape, begin, end }
}

function widen(name: string, stored: StoredType, bytes: Uint8Array): Tensor {
  try {
    return new Tensor(stored.type, stored.words(new Uint8Array(bytes)))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return fail(`tensor ${name} has ${error.message}, which no i32 holds`)
  }
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0)

/** The data are covered from first to last byte, once. */
function checkPlaces(placed: { name: string; begin: number; end: number }[], length: number): void {
  let covered = 0
  for (const { name, begin, end } of placed.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin < covered) fail(`tensor ${name} overlaps the one before it`)
    if (begin > covered) fail(`bytes ${covered} to ${begin} belong to no tensor`)
    covered = end
  }
  if (covered < length) fail(`bytes ${covered} to ${length} belong to no tensor`)
}
