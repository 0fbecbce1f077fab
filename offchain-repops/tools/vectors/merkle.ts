import { keccak, type Hash, toHex } from '../../src/commit/hash.ts'
import { MerkleTree, zeroSubtree } from '../../src/commit/merkle.ts'
import { openRun, tensorTree } from '../../src/commit/tensor.ts'
import { Tensor } from '../../src/tensor.ts'
import { Random } from '../../src/testing/Random.ts'
import { vectorFile, type VectorFile } from './abi.ts'

interface RangeVector {
  readonly count: bigint
  readonly height: number
  readonly lo: bigint
  readonly hashes: readonly Hash[]
  readonly proof: readonly Hash[]
  readonly root: Hash
}

/** The hash of leaf j: keccak256 of j as a word. */
function leaf(j: number): Hash {
  const word = new Uint8Array(32)
  new DataView(word.buffer).setUint32(28, j)
  return keccak(word)
}

/** Range openings in trees of many counts; leaf j is keccak256(abi.encode(uint256 j)). */
export function rangeVectors(): VectorFile<RangeVector> {
  const random = new Random(43)
  const counts = [
    ...Array.from({ length: 18 }, (_, i) => i + 1),
    31,
    32,
    33,
    63,
    64,
    65,
    100,
    257,
    1000,
  ]
  const vectors = counts.flatMap((count) => {
    const tree = new MerkleTree(Array.from({ length: count }, (_, j) => leaf(j)))
    const heights = [0, 0, 0, 0, 0, ...(tree.depth > 0 ? [1, tree.depth] : []), tree.depth >> 1]
    const ranges = heights.map((height, i): [height: number, lo: number, hi: number] => {
      const last = Math.ceil(count / 2 ** height) - 1
      if (i === 0) return [height, last, last]
      const lo = random.below(last + 1)
      return [height, lo, i === 1 ? lo : Math.min(last, lo + random.below(5))]
    })
    return ranges.map(
      ([height, lo, hi]): RangeVector => ({
        count: BigInt(count),
        height,
        lo: BigInt(lo),
        hashes: Array.from({ length: hi - lo + 1 }, (_, i) => tree.node(height, lo + i)),
        proof: tree.open(lo, hi, height),
        root: tree.root,
      }),
    )
  })
  return vectorFile(
    {
      count: 'uint64',
      height: 'uint8',
      lo: 'uint64',
      hashes: 'bytes32[]',
      proof: 'bytes32[]',
      root: 'bytes32',
    },
    vectors,
  )
}

interface RunVector {
  readonly count: bigint
  readonly from: bigint
  readonly length: bigint
  readonly data: `0x${string}`
  readonly proof: readonly Hash[]
  readonly root: Hash
}

/** Openings of runs of elements; element i of the tensor is the word i · 0x9e3779b1. */
export function runVectors(): VectorFile<RunVector> {
  const random = new Random(44)
  const counts = [1, 2, 255, 256, 257, 300, 512, 513, 1000, 4096, 5000]
  const vectors = counts.flatMap((count) => {
    const tensor = Tensor.i32(Array.from({ length: count }, (_, i) => Math.imul(i, 0x9e3779b1)))
    const tree = tensorTree(tensor)
    return [0, 1, 2, 3].map((i): RunVector => {
      const length = i === 0 ? 1 : Math.min(count, random.between(1, 256))
      const from = i === 1 ? count - length : random.below(count - length + 1)
      const { data, proof } = openRun(tensor, from, length, tree)
      return {
        count: BigInt(count),
        from: BigInt(from),
        length: BigInt(length),
        data: toHex(data),
        proof,
        root: tree.root,
      }
    })
  })
  return vectorFile(
    {
      count: 'uint64',
      from: 'uint64',
      length: 'uint64',
      data: 'bytes',
      proof: 'bytes32[]',
      root: 'bytes32',
    },
    vectors,
  )
}

/** z_0 … z_40. */
export const zeroVectors = (): Hash[] => Array.from({ length: 41 }, (_, h) => zeroSubtree(h))
