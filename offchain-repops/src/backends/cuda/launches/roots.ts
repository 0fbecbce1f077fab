import { leafCount, LEAF_ELEMENTS } from '../../../commit/tensor.ts'
import { zeroSubtree } from '../../../commit/merkle.ts'
import { fromHex } from '../../../commit/hash.ts'
import type { Address } from '../driver.ts'
import { parameters } from '../parameters.ts'
import { perItem, type KernelLaunch, type Workspace } from './launch.ts'

export const HASH_BYTES = 32
const TOP_ROW = 256 // hashes from which one block makes the root: kTopRow of cuda/kernels/keccak.cuh
const THREADS = 128
const HEIGHTS = 33 // 2^40 elements are 2^32 leaves

/** Roots of absent subtrees by height, for `Workspace.table`. */
export function zeroSubtrees(): bigint[] {
  return Array.from({ length: HEIGHTS }, (_, height) => {
    const bytes = fromHex(zeroSubtree(height))
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    return [0, 8, 16, 24].map((at) => view.getBigUint64(at, true))
  }).flat()
}

/** Writes the tensor root of `count` words at `x` to `root`. */
export function rootLaunches(
  x: Address,
  count: number,
  root: Address,
  zeros: Address,
  workspace: Workspace,
): KernelLaunch[] {
  const leaves = leafCount(count)
  const above = leaves * HASH_BYTES
  const first = workspace.scratch(above + Math.ceil(leaves / 2) * HASH_BYTES)
  const second = first + BigInt(above)
  const launches = [
    perItem('leaves', Math.ceil(count / LEAF_ELEMENTS), parameters(x, first, count), workspace, THREADS),
  ] // prettier-ignore
  let [row, next, length, height] = [first, second, leaves, 0]
  for (; length > TOP_ROW; height++) {
    const pairs = Math.ceil(length / 2)
    const words = parameters(row, next, length, height, zeros)
    launches.push(perItem('tree_row', pairs, words, workspace, THREADS))
    ;[row, next, length] = [next, row, pairs]
  }
  const words = parameters(row, root, length, height, zeros)
  return [...launches, perItem('tree_top', 1, words, workspace, THREADS)]
}
