import {
  type Hash,
  type MerkleTree,
  rootFromOpening,
  rowLength,
  zeroSubtree,
} from '@lockstep/repops'
import { type NodeAt, ROW_LEVELS } from '../trace/place.ts'

/** A row of hashes does not lead to the node it was given for. */
export class WrongRowError extends Error {
  override readonly name = 'WrongRowError'
}

export type Difference =
  /** The roots are equal. */
  | { readonly kind: 'none' }
  /** The leftmost leaf that differs. */
  | { readonly kind: 'leaf'; readonly index: number }
  /** The row below this node is needed to go on. */
  | { readonly kind: 'unknown'; readonly node: NodeAt; readonly hash: Hash }

/**
 * A tree that somebody else committed to, seen beside one's own over the same leaves: the root, and every node
 * that a verified row has shown. What differs is searched from the left; everything to the left of the first
 * difference equals one's own tree, so no more than the rows on that one path are ever needed.
 */
export class ClaimedTree {
  readonly root: Hash
  readonly own: MerkleTree
  readonly #known = new Map<string, Hash>()

  constructor(root: Hash, own: MerkleTree) {
    this.root = root
    this.own = own
    this.#known.set(key(own.depth, 0), root)
  }

  /** Takes in the row `ROW_LEVELS` below a node (or its leaves) after checking that it leads to that node. */
  learn({ height, index }: NodeAt, row: readonly Hash[]): void {
    const expected = this.node(height, index)
    const to = Math.max(0, height - ROW_LEVELS)
    const first = index * 2 ** (height - to)
    const length = Math.min(2 ** (height - to), rowLength(this.own.count, to) - first)
    if (row.length !== length) {
      throw new WrongRowError(
        `the row below node ${index} at height ${height} has ${length} hashes, got ${row.length}`,
      )
    }
    // A row is the leaves of a small tree whose absent part is padded with the zero subtrees of its height.
    const rows: Hash[][] = [[...row]]
    for (let h = to; h < height; h++) rows.push(parents(rows.at(-1)!, h))
    const actual = rows.at(-1)![0]
    if (actual !== expected) {
      throw new WrongRowError(
        `a row leads to ${actual}, node ${index} at height ${height} is ${expected}`,
      )
    }
    rows.forEach((hashes, up) => {
      hashes.forEach((hash, i) => this.#known.set(key(to + up, first / 2 ** up + i), hash))
    })
  }

  /** A node of the claimed tree; undefined where it is not known. */
  node(height: number, index: number): Hash | undefined {
    if (index * 2 ** height >= this.own.count) return zeroSubtree(height)
    const shown = this.#known.get(key(height, index))
    if (shown !== undefined) return shown
    // Below a node that equals one's own, so does everything.
    for (
      let h = height + 1, i = Math.floor(index / 2);
      h <= this.own.depth;
      h++, i = Math.floor(i / 2)
    ) {
      const above = this.#known.get(key(h, i))
      if (above !== undefined)
        return above === this.own.node(h, i) ? this.own.node(height, index) : undefined
    }
    return undefined
  }

  firstDifference(): Difference {
    if (this.root === this.own.root) return { kind: 'none' }
    for (let height = this.own.depth, index = 0; ; ) {
      const hash = this.#must(height, index)
      if (height === 0) return { kind: 'leaf', index }
      const left = this.node(height - 1, 2 * index)
      if (left === undefined) return { kind: 'unknown', node: { height, index }, hash }
      index = 2 * index + (left === this.own.node(height - 1, 2 * index) ? 1 : 0)
      height--
    }
  }

  /** The node at `height` on the way to the leftmost difference; the way must be known that far. */
  pathAt(height: number): number {
    const difference = this.firstDifference()
    if (difference.kind === 'leaf') return Math.floor(difference.index / 2 ** height)
    if (difference.kind === 'none' || difference.node.height > height) {
      throw new Error(`the way to a difference is not known down to height ${height}`)
    }
    return Math.floor(difference.node.index / 2 ** (height - difference.node.height))
  }

  /** The claimed leaf; its path must be known. */
  leaf(index: number): Hash {
    return this.#must(0, index)
  }

  /** Opens the claimed nodes lo … hi of a row, by the rule of docs/spec/repops.md, section 5. */
  open(lo: number, hi: number = lo, height = 0, until: number = this.own.depth): Hash[] {
    const proof: Hash[] = []
    for (let h = height; h < until; h++) {
      if (lo % 2 === 1) proof.push(this.#must(h, lo - 1))
      if (hi % 2 === 0 && hi + 1 < rowLength(this.own.count, h)) proof.push(this.#must(h, hi + 1))
      lo = Math.floor(lo / 2)
      hi = Math.floor(hi / 2)
    }
    return proof
  }

  #must(height: number, index: number): Hash {
    const hash = this.node(height, index)
    if (hash === undefined)
      throw new Error(`node ${index} at height ${height} of ${this.root} is not known`)
    return hash
  }
}

const key = (height: number, index: number) => `${height}:${index}`

function parents(row: readonly Hash[], height: number): Hash[] {
  const pairs = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) =>
    row.slice(2 * i, 2 * i + 2),
  )
  return pairs.map((pair) => parent(pair[0], pair.at(1) ?? zeroSubtree(height)))
}

/** The node above two siblings: the opening of a tree of two leaves. */
function parent(left: Hash, right: Hash): Hash {
  return rootFromOpening(2, 0, [left, right], [])
}
