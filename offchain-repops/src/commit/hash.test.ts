import { keccak_256 } from '@noble/hashes/sha3'
import { expect, test } from 'vitest'
import { fromHex, hashBatch, keccak, toHex, useHasher } from './hash.ts'

test('keccak-256 of the empty message and of abc are the published digests', () => {
  expect(keccak(new Uint8Array())).toBe(
    '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  )
  expect(keccak(new TextEncoder().encode('abc'))).toBe(
    '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
  )
})

test('the bulk hasher agrees with one message at a time', () => {
  for (const length of [1, 7, 32, 64, 135, 136, 137, 271, 272, 1024, 5000]) {
    const input = Uint8Array.from({ length: 5 * length }, (_, i) => (i * 31 + length) & 255)
    const output = new Uint8Array(5 * 32)
    hashBatch(input, length, output)
    for (let i = 0; i < 5; i++)
      expect(toHex(output.subarray(32 * i, 32 * i + 32))).toBe(
        toHex(keccak_256(input.subarray(i * length, (i + 1) * length))),
      )
  }
})

test('a hasher that is not keccak-256 is refused', () => {
  expect(() => {
    useHasher((_input, _length, output) => output.fill(7))
  }).toThrow('differs from keccak-256')
})

test('hex is read strictly', () => {
  expect(fromHex('0x00fF')).toEqual(Uint8Array.of(0, 255))
  for (const bad of ['', '00', '0x0', '0xzz', '0x00 ']) expect(() => fromHex(bad)).toThrow('hex')
})

test('the bulk hasher takes more than its memory holds at once', () => {
  const input = Uint8Array.from({ length: 3_000_000 / 1000 }, (_, i) => i * 7)
  const large = new Uint8Array(3_000_000)
  for (let at = 0; at < large.length; at += input.length) large.set(input, at)
  const output = new Uint8Array(32 * 3000)
  hashBatch(large, 1000, output)
  for (const i of [0, 1, 2, 1050, 1051, 1052, 2998, 2999])
    expect(toHex(output.subarray(32 * i, 32 * i + 32))).toBe(
      toHex(keccak_256(large.subarray(i * 1000, (i + 1) * 1000))),
    )
})

test('no messages are hashed to nothing', () => {
  const output = new Uint8Array(0)
  hashBatch(new Uint8Array(0), 1024, output)
  expect(output.length).toBe(0)
})
