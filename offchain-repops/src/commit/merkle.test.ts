import { describe, expect, test } from 'vitest'
import { fromHex, keccak, ZERO_HASH, type Hash } from './hash.ts'
import {
  depthOf,
  MerkleError,
  merkleRoot,
  MerkleTree,
  packHashes,
  rootFromOpening,
} from './merkle.ts'

const leaf = (j: number): Hash => keccak(Uint8Array.of(j, j >> 8))
const leaves = (count: number): Hash[] => Array.from({ length: count }, (_, j) => leaf(j))

/** The definition, without any cleverness: all 2^depth leaves, absent ones zero. */
function paddedRoot(list: readonly Hash[]): Hash {
  let row = [...list]
  while (row.length < 2 ** depthOf(list.length)) row.push(ZERO_HASH)
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, i) =>
      keccak(fromHex(row[2 * i] + row[2 * i + 1].slice(2))),
    )
  return row[0]
}

const COUNTS = [...Array.from({ length: 20 }, (_, i) => i + 1), 31, 32, 33, 100]

test.each(COUNTS)('the root over %i leaves is that of the padded tree', (count) => {
  const list = leaves(count)
  expect(new MerkleTree(list).root).toBe(paddedRoot(list))
  expect(merkleRoot(packHashes(list))).toBe(paddedRoot(list))
})

test.each([1, 2, 3, 5, 8, 11, 13, 16, 17])(
  'every range at every height of %i leaves opens',
  (count) => {
    const tree = new MerkleTree(leaves(count))
    for (let height = 0; height <= tree.depth; height++) {
      const present = Math.ceil(count / 2 ** height)
      for (let lo = 0; lo < present; lo++)
        for (let hi = lo; hi < present; hi++) {
          const hashes = Array.from({ length: hi - lo + 1 }, (_, i) => tree.node(height, lo + i))
          const proof = tree.open(lo, hi, height)
          expect(rootFromOpening(count, lo, hashes, proof, height)).toBe(tree.root)
          expect(() => rootFromOpening(count, lo, hashes, [...proof, ZERO_HASH], height)).toThrow(
            MerkleError,
          )
          if (proof.length === 0) continue
          expect(() => rootFromOpening(count, lo, hashes, proof.slice(1), height)).toThrow(
            MerkleError,
          )
          const wrong = proof.map((hash, i) => (i === 0 ? leaf(999) : hash))
          expect(rootFromOpening(count, lo, hashes, wrong, height)).not.toBe(tree.root)
        }
    }
  },
)

describe('padding', () => {
  test('is never in a proof', () => {
    const tree = new MerkleTree(leaves(5))
    expect(tree.open(4)).toEqual([tree.node(2, 0)])
    expect(tree.open(0, 4)).toEqual([])
  })

  test('a root with other padding cannot be opened', () => {
    const dishonest = new MerkleTree([...leaves(5), leaf(9)])
    expect(rootFromOpening(5, 4, [leaf(4)], [dishonest.node(2, 0)])).not.toBe(dishonest.root)
  })
})

test('a reveal shows the real nodes of the row below', () => {
  const tree = new MerkleTree(leaves(11))
  expect(tree.reveal(4, 0, 2)).toEqual([tree.node(2, 0), tree.node(2, 1), tree.node(2, 2)])
  expect(tree.reveal(2, 2, 6)).toEqual([leaf(8), leaf(9), leaf(10)])
  expect(tree.reveal(4, 0, 6)).toEqual(leaves(11))
  expect(() => tree.reveal(2, 3, 6)).toThrow(MerkleError)
})

test('what is not in the tree is refused', () => {
  const tree = new MerkleTree(leaves(5))
  expect(() => tree.leaf(5)).toThrow(MerkleError)
  expect(() => tree.open(3, 5)).toThrow(MerkleError)
  expect(() => tree.open(3, 2)).toThrow(MerkleError)
  expect(() => tree.open(0, 0, 4)).toThrow(MerkleError)
  expect(() => rootFromOpening(5, 5, [leaf(5)], [])).toThrow(MerkleError)
  expect(() => rootFromOpening(5, 0, [], [])).toThrow(MerkleError)
  expect(() => rootFromOpening(5, 4, ['0x12'], tree.open(4))).toThrow(MerkleError)
  expect(() => new MerkleTree([])).toThrow(MerkleError)
})
