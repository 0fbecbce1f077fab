import { type DType, type Hash, LEAF_BYTES, Tensor, tensorRoot } from '@lockstep/repops'
import { fail } from '../errors.ts'
import type { FolderStore } from './folder.ts'
import type { Mirror } from './mirror.ts'

/**
 * Stores a tensor as its whole leaves, padding included, and returns its root. A root says nothing about where in
 * its last leaf a tensor ends (64 and 128 zeros have the same), so the artifact does not either.
 */
export function storeTensor(tensor: Tensor, store: FolderStore): Hash {
  const root = tensorRoot(tensor)
  store.putTrusted({ kind: 'tensors', root }, leavesOf(tensor))
  return root
}

/** A tensor as it is stored: whole leaves. */
export function leavesOf(tensor: Tensor): Uint8Array {
  const leaves = new Uint8Array(paddedBytes(tensor.count))
  leaves.set(tensor.bytes)
  return leaves
}

/** The tensor of `count` elements at a root; `what` names it in errors. */
export async function fetchTensor(
  mirror: Mirror,
  root: Hash,
  type: DType,
  count: number,
  what: string,
): Promise<Tensor> {
  const size = paddedBytes(count)
  const leaves = await mirror.fetch('tensors', root, size)
  if (leaves.length !== size) {
    throw fail.badArtifact({
      what: `${leaves.length / LEAF_BYTES} leaves where ${what} has ${count} elements`,
      where: `tensor ${root}`,
      advice: 'the tensor does not belong to this program',
    })
  }
  // What stands behind the last element is padding, and only zeros can be opened there.
  if (leaves.subarray(4 * count).some((byte) => byte !== 0)) {
    throw fail.badArtifact({
      what: `data behind the ${count} elements of ${what}`,
      where: `tensor ${root}`,
      advice: 'the root does not commit to a tensor of this size; do not take this job',
    })
  }
  return new Tensor(type, new Int32Array(leaves.slice(0, 4 * count).buffer))
}

/** Bytes of the whole leaves that a tensor of so many elements fills. */
export const paddedBytes = (count: number): number =>
  Math.ceil((4 * count) / LEAF_BYTES) * LEAF_BYTES
