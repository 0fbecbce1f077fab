import { fromHex, hashBatch, toHex, ZERO_HASH, type Hash } from './hash.ts'

/** An opening or a list of leaves that does not fit the tree it is meant for. */
export class MerkleError extends Error {
  override readonly name = 'MerkleError'
}

/** ⌈log2 count⌉: the height of the root of a tree over `count` leaves. */
export function depthOf(count: number): number {
  let depth = 0
  while (2 ** depth < count) depth++
  return depth
}

/** Nodes of the row at `height` that have at least one leaf below them. */
export function rowLength(count: number, height: number): number {
  return Math.ceil(count / 2 ** height)
}

const zeros: Uint8Array[] = [new Uint8Array(32)]

/** z_height: the root of a subtree of absent leaves. */
export function zeroSubtree(height: number): Hash {
  return toHex(zeroBytes(height))
}

function zeroBytes(height: number): Uint8Array {
  for (let h = zeros.length; h <= height; h++) {
    const pair = new Uint8Array(64)
    pair.set(zeros[h - 1], 0)
    pair.set(zeros[h - 1], 32)
    const hash = new Uint8Array(32)
    hashBatch(pair, 64, hash)
    zeros.push(hash)
  }
  return zeros[height]
}

/** The row above `row` (hashes end to end, at `height`), padded with the zero subtree of that height. */
function parentRow(row: Uint8Array, height: number): Uint8Array {
  const parents = new Uint8Array(Math.ceil(row.length / 64) * 32)
  const whole = row.length - (row.length % 64)
  hashBatch(row.subarray(0, whole), 64, parents)
  if (whole < row.length) {
    const pair = new Uint8Array(64)
    pair.set(row.subarray(whole), 0)
    pair.set(zeroBytes(height), 32)
    hashBatch(pair, 64, parents.subarray(parents.length - 32))
  }
  return parents
}

/** Joins hashes end to end. */
export function packHashes(hashes: readonly Hash[]): Uint8Array {
  const packed = new Uint8Array(hashes.length * 32)
  hashes.forEach((hash, i) => {
    const bytes = fromHex(hash)
    if (bytes.length !== 32) throw new MerkleError(`a hash has 32 bytes, got ${hash}`)
    packed.set(bytes, i * 32)
  })
  return packed
}

/** The hashes that lie end to end. */
export function unpackHashes(packed: Uint8Array): Hash[] {
  if (packed.length % 32 !== 0) throw new MerkleError(`${packed.length} bytes are no hashes`)
  return Array.from({ length: packed.length / 32 }, (_, i) =>
    toHex(packed.subarray(32 * i, 32 * i + 32)),
  )
}

/** The root over leaf hashes that lie end to end, without keeping the tree. */
export function merkleRoot(leaves: Uint8Array): Hash {
  if (leaves.length === 0 || leaves.length % 32 !== 0)
    throw new MerkleError(`a tree needs at least one leaf of 32 bytes, got ${leaves.length} bytes`)
  let row = leaves
  for (let height = 0; row.length > 32; height++) row = parentRow(row, height)
  return toHex(row)
}

/**
 * A binary Merkle tree with all its rows in memory (64 bytes per leaf).
 * Depth and padding follow from the number of leaves: docs/spec/repops.md, section 5.
 */
export class MerkleTree {
  readonly count: number
  readonly #rows: readonly Uint8Array[]

  /** `leaves`: leaf hashes, as a list or end to end. */
  constructor(leaves: Uint8Array | readonly Hash[]) {
    const packed = leaves instanceof Uint8Array ? leaves : packHashes(leaves)
    if (packed.length === 0 || packed.length % 32 !== 0)
      throw new MerkleError(
        `a tree needs at least one leaf of 32 bytes, got ${packed.length} bytes`,
      )
    this.count = packed.length / 32
    const rows = [packed]
    for (let height = 0; rows[height].length > 32; height++)
      rows.push(parentRow(rows[height], height))
    this.#rows = rows
  }

  get depth(): number {
    return this.#rows.length - 1
  }

  get root(): Hash {
    return this.node(this.depth, 0)
  }

  /** The node at `height` and `index`; the zero subtree where all of its leaves are absent. */
  node(height: number, index: number): Hash {
    const row = this.#rows.at(height)
    if (row === undefined || height < 0 || index < 0 || index >= 2 ** (this.depth - height))
      throw new MerkleError(
        `a tree of ${this.count} leaves has no node ${index} at height ${height}`,
      )
    return 32 * index < row.length
      ? toHex(row.subarray(32 * index, 32 * index + 32))
      : zeroSubtree(height)
  }

  leaf(index: number): Hash {
    if (index >= this.count)
      throw new MerkleError(`leaf ${index} of a tree of ${this.count} leaves`)
    return this.node(0, index)
  }

  /** Opens the nodes lo … hi of the row at `height` (leaves by default): the hashes that a verifier lacks. */
  open(lo: number, hi: number = lo, height = 0): Hash[] {
    checkRange(this.count, lo, hi, height)
    const proof: Hash[] = []
    for (let h = height; h < this.depth; h++) {
      if (lo % 2 === 1) proof.push(this.node(h, lo - 1))
      if (hi % 2 === 0 && hi + 1 < rowLength(this.count, h)) proof.push(this.node(h, hi + 1))
      lo = Math.floor(lo / 2)
      hi = Math.floor(hi / 2)
    }
    return proof
  }

  /**
   * What a reveal of the node at `height` and `index` shows: the real nodes (padding left out) of the row
   * `levels` further down, or of the leaves if fewer levels are left.
   */
  reveal(height: number, index: number, levels: number): Hash[] {
    const to = Math.max(0, height - levels)
    const span = 2 ** (height - to)
    const from = index * span
    const until = Math.min(from + span, rowLength(this.count, to))
    if (from >= until)
      throw new MerkleError(`node ${index} at height ${height} holds no leaf of ${this.count}`)
    return Array.from({ length: until - from }, (_, i) => this.node(to, from + i))
  }
}

function checkRange(count: number, lo: number, hi: number, height: number): void {
  if (!(lo >= 0 && lo <= hi && height <= depthOf(count) && hi < rowLength(count, height)))
    throw new MerkleError(
      `no range ${lo} to ${hi} at height ${height} in a tree of ${count} leaves`,
    )
}

/**
 * The root that an opening yields, to be compared with the committed one.
 * `hashes` are the nodes lo, lo + 1, … of the row at `height` in a tree over `count` leaves; `proof` must
 * have exactly the hashes that `MerkleTree.open` gives.
 */
export function rootFromOpening(
  count: number,
  lo: number,
  hashes: readonly Hash[],
  proof: readonly Hash[],
  height = 0,
): Hash {
  let hi = lo + hashes.length - 1
  checkRange(count, lo, hi, height)
  const depth = depthOf(count)
  let taken = 0
  const take = (): Uint8Array => {
    const hash = proof.at(taken++)
    if (hash === undefined) throw new MerkleError(`the proof has ${proof.length} hashes, too few`)
    return packHashes([hash])
  }
  let row = packHashes(hashes)
  for (let h = height; h < depth; h++) {
    const left = lo % 2 === 1 ? take() : undefined
    const absent = (hi + 1) * 2 ** h >= count
    const right = hi % 2 === 0 ? (absent ? zeroBytes(h) : take()) : undefined
    const widened = new Uint8Array(row.length + (left ? 32 : 0) + (right ? 32 : 0))
    if (left) widened.set(left, 0)
    widened.set(row, left ? 32 : 0)
    if (right) widened.set(right, widened.length - 32)
    row = parentRow(widened, h)
    lo = Math.floor(lo / 2)
    hi = Math.floor(hi / 2)
  }
  if (taken !== proof.length)
    throw new MerkleError(`the proof has ${proof.length} hashes, ${taken} are needed`)
  return toHex(row)
}

/** The root of a list of hashes; the zero word for an empty one (a job without constants). */
export function rootOfList(hashes: readonly Hash[]): Hash {
  return hashes.length === 0 ? ZERO_HASH : merkleRoot(packHashes(hashes))
}
