import { OPERATORS } from '../../src/ops/index.ts'
import type { Operator } from '../../src/ops/define.ts'
import type { DType, Form, Node } from '../../src/program/types.ts'
import { foldBits, judge } from '../../src/referee/judge.ts'
import { Random } from '../../src/testing/Random.ts'
import { blobs, type Blobs } from './abi.ts'
import { F32_CORNERS } from './corners.ts'
import { pack } from './scalars.ts'

/** One segment of a reduction: x (and y) are its runs; ScatterAdd's x are indices, 0 is wanted. */
interface Segment {
  readonly code: number
  readonly isInt32: boolean
  readonly x: `0x${string}`
  readonly y: `0x${string}`
  readonly output: number
}

/** Partial results and what they combine to. */
interface Fold {
  readonly code: number
  readonly isInt32: boolean
  readonly values: `0x${string}`
  readonly output: number
}

const LENGTHS = [1, 2, 31, 32, 33, 100, 255, 256]
const FOLDS = [1, 2, 16, 17, 33, 256]

/** Kinds of data, from what training sees to what nobody should see. */
const KINDS: readonly ((random: Random) => number)[] = [
  (random) => random.word('f32'),
  (random) => (random.u32() & 0x80ffffff) | 0x3f000000, // alike exponents, no special values
  (random) => (random.u32() & 0x80800000) | 0x3f000000, // powers of two: ties
  (random) => (random.chance(0.5) ? 0x80000000 * random.below(2) : 0x3e800000 | random.below(64)),
  (random) => random.u32() & 0x80ffffff, // subnormals and the smallest normals
  (random) => (random.u32() & 0xbfffffff) | 0x20000000, // wide exponents, finite
  (random) => random.pick(F32_CORNERS),
]

const reductions = OPERATORS.filter((op) => Object.keys(op.combine).length > 0)
const context = { step: 0, seed: 0n }

function nodeOf(op: Operator, type: DType, K: number): Node {
  const forms: Record<string, Form> = {
    MatMul: { family: 'matmul', B: 1, M: 1, N: 1, K, xShared: false, yShared: false },
    ScatterAdd: { family: 'indexed', B: 1, V: 1, R: 1, Q: K },
  }
  const inputs = op.inputs.map((_, ref) => ({ kind: 'node', ref }) as const)
  return { op: op.name, type, inputs, form: forms[op.name] ?? { family: 'reduce', R: 1, K } }
}

export function segmentVectors(): Blobs {
  const random = new Random(0x5e9)
  const cases = reductions.flatMap((op) =>
    op.types.flatMap((type) =>
      LENGTHS.flatMap((length, i) => {
        const kinds = type === 'i32' ? [() => random.u32()] : [KINDS[0], KINDS[(i % 6) + 1]]
        const full = type === 'f32' && length === 256 ? KINDS : kinds
        return full.map((word) => segment(op, type, length, word, random))
      }),
    ),
  )
  return blobs({ code: 'uint8', isInt32: 'bool', x: 'bytes', y: 'bytes', output: 'uint32' }, cases)
}

function segment(
  op: Operator,
  type: DType,
  length: number,
  word: (random: Random) => number,
  random: Random,
): Segment {
  const run = (): Int32Array => Int32Array.from({ length }, () => word(random))
  const indices = (): Int32Array => Int32Array.from({ length }, () => random.between(-1, 1))
  const x = op.name === 'ScatterAdd' ? indices() : run()
  const y = op.inputs.length === 2 ? run() : new Int32Array(0)
  const node = nodeOf(op, type, length)
  const output = judge(node, 0, 0, (input) => (input === 0 ? x : y), context)
  const isInt32 = type === 'i32'
  return { code: op.code, isInt32, x: pack(x), y: pack(y), output: output >>> 0 }
}

export function foldVectors(): Blobs {
  const random = new Random(0xf01d)
  const cases = reductions.flatMap((op) =>
    op.types.flatMap((type) =>
      FOLDS.flatMap((length) =>
        [KINDS[1], KINDS[6]].map((word): Fold => {
          const values = Int32Array.from({ length }, () => word(random))
          const output = foldBits(nodeOf(op, type, length * 256), values)
          const isInt32 = type === 'i32'
          return { code: op.code, isInt32, values: pack(values), output: output >>> 0 }
        }),
      ),
    ),
  )
  return blobs({ code: 'uint8', isInt32: 'bool', values: 'bytes', output: 'uint32' }, cases)
}
