import type { Tensor } from '../tensor.ts'
import { hashBatch, type Hash } from './hash.ts'
import { merkleRoot, MerkleError, MerkleTree, rootFromOpening, rootOfList } from './merkle.ts'

/** Bytes of a tensor's leaf: 256 elements, as many as a segment of a reduction. */
export const LEAF_BYTES = 1024
export const LEAF_ELEMENTS = 256

export function leafCount(elements: number): number {
  return Math.ceil(elements / LEAF_ELEMENTS)
}

/** Leaf hashes of flat tensor bytes, end to end; the last leaf is padded with zero bytes before hashing. */
export function leafHashes(bytes: Uint8Array): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(bytes.length / LEAF_BYTES) * 32)
  const whole = bytes.length - (bytes.length % LEAF_BYTES)
  hashBatch(bytes.subarray(0, whole), LEAF_BYTES, hashes)
  if (whole < bytes.length) {
    const last = new Uint8Array(LEAF_BYTES)
    last.set(bytes.subarray(whole))
    hashBatch(last, LEAF_BYTES, hashes.subarray(hashes.length - 32))
  }
  return hashes
}

/** The commitment of a tensor. Keeps nothing but one hash per leaf while it runs. */
export function tensorRoot(tensor: Tensor): Hash {
  return merkleRoot(leafHashes(tensor.bytes))
}

/** The tree under a tensor's root, for openings and reveals. */
export function tensorTree(tensor: Tensor): MerkleTree {
  return new MerkleTree(leafHashes(tensor.bytes))
}

/** The tree over the tensor roots of a state, or of a job's constants (which must not be empty). */
export function tensorsTree(tensors: readonly Tensor[]): MerkleTree {
  return new MerkleTree(tensors.map(tensorRoot))
}

export function stateRoot(state: readonly Tensor[]): Hash {
  return tensorsTree(state).root
}

/** The root over a job's constant tensors; zero if it has none. */
export function constantsRoot(constants: readonly Tensor[]): Hash {
  return rootOfList(constants.map(tensorRoot))
}

/** The one or more leaves that hold a run of elements, and their place in the tensor. */
export interface RunOpening {
  /** Real bytes of the leaves; shorter than a multiple of 1,024 only at the end of the tensor. */
  readonly data: Uint8Array
  readonly proof: readonly Hash[]
}

/** Opens the leaves that hold elements `from` … `from + length − 1`. */
export function openRun(
  tensor: Tensor,
  from: number,
  length = 1,
  tree: MerkleTree = tensorTree(tensor),
): RunOpening {
  const [lo, hi] = leavesOfRun(tensor.count, from, length)
  return {
    data: tensor.bytes.slice(lo * LEAF_BYTES, (hi + 1) * LEAF_BYTES),
    proof: tree.open(lo, hi),
  }
}

/**
 * The words of a run of elements, read from its opening. Throws a MerkleError unless the opening has
 * exactly the bytes and hashes it must have and leads to `root`.
 */
export function readRun(
  root: Hash,
  count: number,
  from: number,
  length: number,
  opening: RunOpening,
): Int32Array {
  const [lo, hi] = leavesOfRun(count, from, length)
  const expected = Math.min(4 * count, (hi + 1) * LEAF_BYTES) - lo * LEAF_BYTES
  if (opening.data.length !== expected)
    throw new MerkleError(
      `leaves ${lo} to ${hi} of ${count} elements have ${expected} bytes, got ${opening.data.length}`,
    )
  const hashes = new MerkleTree(leafHashes(opening.data))
  const leaves = Array.from({ length: hi - lo + 1 }, (_, i) => hashes.leaf(i))
  const actual = rootFromOpening(leafCount(count), lo, leaves, opening.proof)
  if (actual !== root)
    throw new MerkleError(`the opening of elements ${from} … leads to ${actual}, not to ${root}`)
  const view = new DataView(opening.data.buffer, opening.data.byteOffset, opening.data.length)
  return Int32Array.from({ length }, (_, i) =>
    view.getInt32(4 * (from - lo * LEAF_ELEMENTS + i), true),
  )
}

function leavesOfRun(count: number, from: number, length: number): [lo: number, hi: number] {
  if (!(from >= 0 && length >= 1 && from + length <= count))
    throw new MerkleError(`a tensor of ${count} elements has no ${length} elements at ${from}`)
  return [Math.floor(from / LEAF_ELEMENTS), Math.floor((from + length - 1) / LEAF_ELEMENTS)]
}
