import { toHex } from '../../src/commit/hash.ts'
import { operatorOf } from '../../src/ops/index.ts'
import { encodeNode } from '../../src/program/nodeCodec.ts'
import { SIGNATURES, type Signature } from '../../src/program/signatures.ts'
import type { DType, Node } from '../../src/program/types.ts'
import { inputWants, outputOf } from '../../src/program/wants.ts'
import { judgeElement } from '../../src/referee/judge.ts'
import { BOUNDS, repeated, type KernelVector } from '../../src/backends/conformance.ts'
import { Random } from '../../src/testing/Random.ts'
import { randomNode, type Size } from '../../src/testing/randomNode.ts'
import { pack } from './scalars.ts'

const CASES = 4 // per operator and type
const MOST_WORDS = 1500 // of a case's inputs and output that are written down
const PERIOD = 251 // a tensor longer than MOST_WORDS repeats so many words; prime, so no two segments are alike

/**
 * Lengths of the reduced axis in the first cases of a reduction: two segments, two rounds of groups of 16, three
 * rounds. Whoever folds in a line instead differs from the second on.
 */
const LENGTHS: readonly (readonly [number, number])[] = [
  [257, 600],
  [4097, 4500],
  [65_537, 66_000],
]

/** Whole kernels of every operator and type: every form of its family, outputs element by element from the judge. */
export function kernelVectors(): { readonly kernels: readonly KernelVector[] } {
  const kernels = SIGNATURES.flatMap((signature) =>
    signature.types.flatMap((type) => {
      const random = new Random(signature.code * 2 + (type === 'f32' ? 0 : 1))
      return Array.from({ length: CASES }, (_, i) => kernel(random, signature, type, i))
    }),
  )
  return { kernels }
}

function kernel(random: Random, signature: Signature, type: DType, i: number): KernelVector {
  const isReduction = operatorOf(signature.name).combine[type] !== undefined
  const length = isReduction ? LENGTHS[i] : undefined
  const size: Size = (r, reduced) =>
    reduced && length !== undefined
      ? r.between(...length)
      : r.pick(length === undefined ? [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17] : [1, 2, 3])
  const words = (node: Node): number =>
    node.inputs.reduce((sum, _, k) => sum + inputWants(node, k).count, outputOf(node).count)
  const fits = (node: Node): boolean =>
    node.type === type && (length !== undefined || words(node) <= MOST_WORDS)
  const node = randomNode(
    random,
    signature,
    BOUNDS,
    size,
    () => ({ kind: 'node', ref: random.below(BOUNDS.node) }),
    fits,
  )
  const step = random.pick([0, 1, 80_956])
  const seed = (BigInt(random.u32()) << 32n) | BigInt(random.u32())
  const inputs = node.inputs.map((input, k) => {
    const want = inputWants(node, k)
    if (input.kind === 'immediate') return Int32Array.of(input.bits)
    if (input.kind === 'step') return Int32Array.of(step)
    const written = want.count <= MOST_WORDS ? want.count : PERIOD
    return Int32Array.from({ length: written }, () => word(random, want.type))
  })
  const tensors = inputs.map((some, k) => repeated(some, inputWants(node, k).count))
  const output = Array.from({ length: outputOf(node).count }, (_, element) =>
    judgeElement(node, element, (k, run) => tensors[k].subarray(run.from, run.from + run.length), {
      step,
      seed,
    }),
  )
  return {
    node: toHex(encodeNode(node, BOUNDS)),
    step,
    seed: seed.toString(),
    inputs: inputs.map(pack),
    output: pack(output),
  }
}

/** Any bits for floats; for integers as often a small number, which is a good index or shift. */
const word = (random: Random, type: DType): number =>
  type === 'i32' && random.chance(0.7) ? random.below(14) - 2 : random.word(type)
