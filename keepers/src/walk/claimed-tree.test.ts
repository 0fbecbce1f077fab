import { type Hash, keccak, MerkleTree, rootFromOpening } from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { expect, test } from 'vitest'
import { ROW_LEVELS } from '../trace/place.ts'
import { ClaimedTree, WrongRowError } from './claimed-tree.ts'

const leaf = (text: string): Hash => keccak(new TextEncoder().encode(text))
const ALL = Array.from({ length: 4500 }, (_, i) => leaf(String(i)))
const leaves = (count: number) => ALL.slice(0, count)

/** Finds the first difference of a claimed tree, fetching rows from the tree itself; counts them. */
function search(
  claimed: MerkleTree,
  own: MerkleTree,
): { tree: ClaimedTree; index: number | undefined; rows: number } {
  const tree = new ClaimedTree(claimed.root, own)
  for (let rows = 0; ; rows++) {
    const difference = tree.firstDifference()
    if (difference.kind === 'none') return { tree, index: undefined, rows }
    if (difference.kind === 'leaf') return { tree, index: difference.index, rows }
    const { height, index } = difference.node
    expect(difference.hash).toBe(claimed.node(height, index))
    tree.learn(difference.node, claimed.reveal(height, index, ROW_LEVELS))
  }
}

test('the first difference is found with one row for every six levels, and every opening on its way fits', () => {
  const random = new Random(7)
  for (let round = 0; round < 100; round++) {
    const count = random.chance(0.1) ? random.between(4000, 4500) : random.between(1, 200)
    const right = leaves(count)
    const wrong = right.slice()
    const first = random.below(count)
    for (let i = first; i < count; i++)
      if (i === first || random.chance(0.3)) wrong[i] = ALL[(i + 7) % ALL.length]
    const own = new MerkleTree(right)
    const claimed = new MerkleTree(wrong)
    const { tree, index, rows } = search(claimed, own)
    expect(index).toBe(first)
    expect(rows).toBeLessThanOrEqual(Math.ceil(own.depth / ROW_LEVELS))
    const lo = Math.max(0, first - 1)
    expect(rootFromOpening(count, lo, wrong.slice(lo, first + 1), tree.open(lo, first))).toBe(
      claimed.root,
    )
    // Leaves left of it open too: that is where a step's operands stand.
    const before = random.below(first + 1)
    expect(rootFromOpening(count, before, [wrong[before]], tree.open(before))).toBe(claimed.root)
    for (let height = 0; height <= own.depth; height++) {
      expect(tree.pathAt(height)).toBe(Math.floor(first / 2 ** height))
    }
  }
})

test('equal trees have no difference', () => {
  const own = new MerkleTree(leaves(70))
  expect(search(new MerkleTree(leaves(70)), own)).toMatchObject({ index: undefined, rows: 0 })
})

test('a row that does not lead to its node teaches nothing', () => {
  const own = new MerkleTree(leaves(200))
  const wrong = leaves(200)
  wrong[150] = leaf('x')
  const claimed = new MerkleTree(wrong)
  const tree = new ClaimedTree(claimed.root, own)
  const top = { height: own.depth, index: 0 }
  const row = claimed.reveal(own.depth, 0, ROW_LEVELS)
  expect(() => {
    tree.learn(top, row.slice(1))
  }).toThrow(WrongRowError)
  expect(() => {
    tree.learn(top, [...row, leaf('more')])
  }).toThrow(WrongRowError)
  expect(() => {
    tree.learn(top, row.with(3, leaf('other')))
  }).toThrow(WrongRowError)
  expect(() => {
    tree.learn({ height: 2, index: 0 }, claimed.reveal(2, 0, ROW_LEVELS))
  }).toThrow(WrongRowError)
  expect(tree.firstDifference()).toMatchObject({ kind: 'unknown', node: top })
})
