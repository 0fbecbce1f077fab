import { expect, test } from 'vitest'
import { Tensor } from '../tensor.ts'
import { keccak } from './hash.ts'
import { MerkleError, MerkleTree } from './merkle.ts'
import { openRun, readRun, tensorRoot, tensorTree } from './tensor.ts'

const tensor = (count: number): Tensor =>
  Tensor.i32(Array.from({ length: count }, (_, i) => Math.imul(i + 1, 0x01000193)))

test('leaves are 1 KiB, the last one padded with zero bytes', () => {
  const t = tensor(300)
  const padded = new Uint8Array(2048)
  padded.set(t.bytes)
  const leaves = [keccak(padded.subarray(0, 1024)), keccak(padded.subarray(1024))]
  expect(tensorRoot(t)).toBe(new MerkleTree(leaves).root)
  expect(tensorRoot(tensor(1))).toBe(
    keccak(Uint8Array.from({ length: 1024 }, (_, i) => tensor(1).bytes[i] ?? 0)),
  )
})

test.each([1, 255, 256, 257, 700, 2000])('runs of a tensor of %i elements open', (count) => {
  const t = tensor(count)
  const tree = tensorTree(t)
  for (const from of [0, 1, 200, 255, 256, 600, count - 1])
    for (const length of [1, 2, 256, count - from]) {
      if (from < 0 || from >= count || length < 1 || from + length > count) continue
      const opening = openRun(t, from, length, tree)
      expect(readRun(tree.root, count, from, length, opening)).toEqual(
        t.words.slice(from, from + length),
      )
    }
})

test('an opening with other bytes, other length or another root is refused', () => {
  const t = tensor(300)
  const root = tensorRoot(t)
  const good = openRun(t, 299)
  expect(good.data.length).toBe(4 * 44)
  const flipped = good.data.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
  for (const bad of [
    { ...good, data: flipped },
    { ...good, data: new Uint8Array(1024) },
    { ...good, data: good.data.slice(4) },
    { ...good, proof: [] },
  ])
    expect(() => readRun(root, 300, 299, 1, bad)).toThrow(MerkleError)
  expect(() => openRun(t, 299, 2)).toThrow(MerkleError)
  expect(() => openRun(t, 0, 0)).toThrow(MerkleError)
})
