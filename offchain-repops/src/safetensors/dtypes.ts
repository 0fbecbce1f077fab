import type { DType } from '../program/types.ts'

/** How elements of a file become words of a tensor, without changing any value. */
export interface StoredType {
  readonly type: DType
  /** Bytes of an element. */
  readonly size: number
  /** The words of the elements; `bytes` starts at a multiple of 8 in its buffer. Throws a RangeError with the value that has no word. */
  readonly words: (bytes: Uint8Array) => Int32Array
}

const plain = (type: DType): StoredType => ({
  type,
  size: 4,
  words: (bytes) => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
})

type Integers = Uint8Array | Int8Array | Uint16Array | Int16Array

/** Integers of fewer bits. */
const integers = (
  View: new (buffer: ArrayBufferLike, offset: number, length: number) => Integers,
  size: number,
): StoredType => ({
  type: 'i32',
  size,
  words: (bytes) => Int32Array.from(new View(bytes.buffer, bytes.byteOffset, bytes.length / size)),
})

/** Floats of 16 bits, each of which is also a float of 32. */
const halves = (widen: (half: number) => number): StoredType => ({
  type: 'f32',
  size: 2,
  words: (bytes) => {
    const stored = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
    const words = new Int32Array(stored.length)
    for (let i = 0; i < stored.length; i++) words[i] = widen(stored[i])
    return words
  },
})

/** Types of safetensors that can be read. Others (F64, U32, U64, F8_…) have values that neither f32 nor i32 has. */
export const STORED_TYPES: ReadonlyMap<string, StoredType> = new Map([
  ['F32', plain('f32')],
  ['I32', plain('i32')],
  ['BF16', halves((half) => half << 16)],
  ['F16', halves(widenBinary16)],
  ['BOOL', integers(Uint8Array, 1)],
  ['U8', integers(Uint8Array, 1)],
  ['I8', integers(Int8Array, 1)],
  ['U16', integers(Uint16Array, 2)],
  ['I16', integers(Int16Array, 2)],
  ['I64', { type: 'i32', size: 8, words: narrow }],
])

/** IEEE-754 binary16: 1 sign, 5 exponent and 10 significand bits. */
function widenBinary16(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >> 10) & 0x1f
  const significand = half & 0x3ff
  if (exponent === 0x1f) return sign | 0x7f800000 | (significand << 13)
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (significand << 13)
  if (significand === 0) return sign
  // Subnormal: the highest bit moves to where the implicit one is.
  const shift = Math.clz32(significand) - 21
  return sign | ((113 - shift) << 23) | (((significand << shift) & 0x3ff) << 13)
}

/** 64-bit integers, as long as 32 bits hold them. */
function narrow(bytes: Uint8Array): Int32Array {
  const stored = new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8)
  const words = new Int32Array(stored.length)
  for (let i = 0; i < stored.length; i++) {
    words[i] = Number(BigInt.asIntN(32, stored[i]))
    if (BigInt(words[i]) !== stored[i]) throw new RangeError(`${stored[i]} at element ${i}`)
  }
  return words
}
