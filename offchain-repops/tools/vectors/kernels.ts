import { toHex } from '../../src/commit/hash.ts'
import { encodeNode } from '../../src/program/nodeCodec.ts'
import { SIGNATURES, type Signature } from '../../src/program/signatures.ts'
import type { DType, Node } from '../../src/program/types.ts'
import { inputWants, outputOf } from '../../src/program/wants.ts'
import { judgeElement } from '../../src/referee/judge.ts'
import { BOUNDS, type KernelVector } from '../../src/backends/conformance.ts'
import { Random } from '../../src/testing/Random.ts'
import { randomNode, type Size } from '../../src/testing/randomNode.ts'
import { pack } from './scalars.ts'

const CASES = 4 // per operator and type
const MOST_WORDS = 1500 // of all inputs and the output of a case

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
  // The first case of a reduction is longer than one segment, so that the tree of segments is proved too.
  const size: Size = (r, reduced) =>
    reduced && i === 0 ? r.between(257, 600) : r.pick([1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17])
  const fits = (node: Node): boolean =>
    node.type === type &&
    node.inputs.reduce((sum, _, k) => sum + inputWants(node, k).count, outputOf(node).count) <=
      MOST_WORDS
  const node = randomNode(
    random,
    signature,
    BOUNDS,
    size,
    () => ({ kind: 'node', ref: random.below(BOUNDS.node) }),
    fits,
  )
  const step = random.pick([0, 1, 80_956])
  const seed = BigInt(random.u32())
  const inputs = node.inputs.map((input, k) => {
    const want = inputWants(node, k)
    if (input.kind === 'immediate') return Int32Array.of(input.bits)
    if (input.kind === 'step') return Int32Array.of(step)
    return Int32Array.from({ length: want.count }, () => word(random, want.type))
  })
  const output = Array.from({ length: outputOf(node).count }, (_, element) =>
    judgeElement(node, element, (k, run) => inputs[k].subarray(run.from, run.from + run.length), {
      step,
      seed,
    }),
  )
  return {
    node: toHex(encodeNode(node, BOUNDS)),
    step,
    seed: Number(seed),
    inputs: inputs.map(pack),
    output: pack(output),
  }
}

/** Any bits for floats; for integers as often a small number, which is a good index or shift. */
const word = (random: Random, type: DType): number =>
  type === 'i32' && random.chance(0.7) ? random.below(14) - 2 : random.word(type)
