import { keccak_256 } from '@noble/hashes/sha3'
import { fastHasher, type BatchHasher } from './fastHasher.ts'

/** A keccak-256 digest as lower-case hex; the form in which roots travel, are compared and are keys. */
export type Hash = `0x${string}`

/** The zero word: an absent leaf, and the root of an absent list of constants. */
export const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`

const portable: BatchHasher = (input, length, output) => {
  for (let from = 0, to = 0; from < input.length; from += length, to += 32)
    output.set(keccak_256(input.subarray(from, from + length)), to)
}

let hasher: BatchHasher = portable

/** Replaces the bulk hasher. It is refused unless it agrees with the portable one on a sample. */
export function useHasher(candidate: BatchHasher): void {
  for (const length of [64, 136, 1024]) {
    const input = Uint8Array.from({ length: 3 * length }, (_, i) => (i * 151 + length) & 255)
    const expected = new Uint8Array(96)
    const actual = new Uint8Array(96)
    portable(input, length, expected)
    candidate(input, length, actual)
    if (toHex(actual) !== toHex(expected))
      throw new Error(`the hasher differs from keccak-256 on messages of ${length} bytes`)
  }
  hasher = candidate
}

/** Bulk keccak-256: see {@link BatchHasher}. */
export const hashBatch: BatchHasher = (input, length, output) => {
  hasher(input, length, output)
}

/** keccak-256 of one message. */
export function keccak(bytes: Uint8Array): Hash {
  return toHex(keccak_256(bytes))
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): `0x${string}` {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return `0x${text}`
}

/** The bytes of hex text with the prefix `0x`; refuses anything else. */
export function fromHex(text: string): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(text))
    throw new Error(
      `expected hex bytes that start with 0x, got ${JSON.stringify(text.slice(0, 80))}`,
    )
  const bytes = new Uint8Array(text.length / 2 - 1)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16)
  return bytes
}

useHasher(fastHasher())
