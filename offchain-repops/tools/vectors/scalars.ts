import { bitsOf, fromBits } from '../../src/numbers/bits.ts'
import { slotType, type Operator } from '../../src/ops/define.ts'
import { OPERATORS } from '../../src/ops/index.ts'
import type { DType } from '../../src/program/types.ts'
import { scalarBits } from '../../src/referee/judge.ts'
import { Random } from '../../src/testing/Random.ts'
import { around, cube, everyExponent, F32_CORNERS, F32_FEW, I32_CORNERS } from './corners.ts'

/** Words end to end, eight hexadecimal digits each, most significant first. */
export function pack(words: Iterable<number>): `0x${string}` {
  return `0x${Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')}`
}

/** Vectors of one element-wise operator on one operand type; inputs case after case. */
export interface ScalarVectors {
  readonly op: string
  readonly code: number
  readonly type: DType
  readonly arity: number
  readonly count: number
  readonly inputs: `0x${string}`
  readonly outputs: `0x${string}`
}

export function scalarVectors(): ScalarVectors[] {
  return OPERATORS.flatMap((op) => op.types.filter((T) => op.scalar[T]).map((T) => vectors(op, T)))
}

function vectors(op: Operator, T: DType): ScalarVectors {
  const random = new Random(op.code * 2 + (T === 'f32' ? 0 : 1))
  const rows = [...corners(op, T, random), ...randomRows(op, T, random)]
  const outputs = rows.map((row) =>
    scalarBits(
      op,
      T,
      row.map((word) => Int32Array.of(word)),
    ),
  )
  const arity = op.inputs.length
  return {
    op: op.name, code: op.code, type: T, arity, count: rows.length,
    inputs: pack(rows.flat()), outputs: pack(outputs),
  } // prettier-ignore
}

/** Where the sequences of section 3 change branch, overflow, or come close to a multiple of π/2. */
const BRANCHES: Readonly<Record<string, readonly number[]>> = {
  Exp: [0x42b17218, 0x42b20000, 0xc2aeac50, 0xc2cff1b5, 0xc2d00000, 0x3eb17218, 0xbeb17218],
  Log: [0x3f3504f3, 0x3fb504f3, 0x3f800000, 0x007fffff, 0x00800000],
  Tanh: [0x3f19999a, 0xbf19999a, 0x411029bf, 0x42320000],
  Erf: [0x3f6d9168, 0xbf6d9168, 0x40800000, 0x4077b5dd],
  Sin: [0x3f490fdb, 0x3fc90fdb, 0x40490fdb, 0x3f060a92, 0x79cfc40a, 0x7c7d2eaf, 0x6c0be3bb],
  Cos: [0x3f490fdb, 0x3fc90fdb, 0x40490fdb, 0x4096cbe4, 0x79cfc40a, 0x7c7d2eaf, 0x6c0be3bb],
}

function corners(op: Operator, T: DType, random: Random): number[][] {
  const slots = op.inputs.map((slot) => slotType(slot, T))
  if (slots.length === 1) {
    if (T === 'i32') return I32_CORNERS.map((word) => [word])
    const branches = around(BRANCHES[op.name] ?? [], 4)
    const exponents = op.name in BRANCHES ? everyExponent(random, 2) : everyExponent(random, 0)
    return [...F32_CORNERS.map((word) => [word]), ...branches, ...exponents]
  }
  if (op.name === 'Where') return cube([0, 1, 0x80000000, 0x3f800000], 3)
  if (slots[0] === 'i32') return cube(I32_CORNERS, slots.length)
  return cube(slots.length === 3 ? F32_FEW : F32_CORNERS, slots.length)
}

function randomRows(op: Operator, T: DType, random: Random): number[][] {
  const arity = op.inputs.length
  const rows: number[][] = []
  const count = T === 'i32' ? 100 : arity === 1 ? 300 : arity === 3 ? 900 : 500
  for (let i = 0; i < count; i++) {
    const row = op.inputs.map((slot) => random.word(slotType(slot, T)))
    if (T === 'f32' && op.name !== 'Where') shape(op, row, i, random)
    rows.push(row)
  }
  return rows
}

/** Turns some random operands into hard ones: any bits, near cancellation, results near a limit. */
function shape(op: Operator, row: number[], i: number, random: Random): void {
  const kind = i % 4
  if (kind === 0) for (let k = 0; k < row.length; k++) row[k] = random.u32()
  else if (op.name === 'Pow') {
    // a^b from about 2^-150 to 2^129, a anywhere
    row[0] = random.below(0x7f800000)
    const logarithm = (row[0] - 0x3f800000) / 2 ** 23 || 1
    row[1] = bitsOf(Math.fround((random.between(-1500, 1290) / 10) * (1 / logarithm))) >>> 0
  } else if (kind === 1 && row.length === 2) row[1] = (row[0] ^ 0x80000000) + random.between(-3, 3)
  else if (kind === 1 && row.length === 3) {
    const product = Math.fround(fromBits(row[0]) * fromBits(row[1]))
    row[2] = (bitsOf(-product) + random.between(-2, 2)) >>> 0
  } else if (kind === 2 && row.length > 1) {
    // products and quotients around the smallest numbers: exponents that add up to about −149
    const exponent = random.between(1, 126)
    row[0] = (row[0] & 0x807fffff) | (exponent << 23)
    const other = op.name === 'Div' ? exponent + 125 : 127 - 22 - exponent + random.between(-6, 6)
    row[1] = (row[1] & 0x807fffff) | (Math.min(254, Math.max(0, other)) << 23)
    if (row.length === 3) row[2] = random.u32() & 0x80ffffff
  }
}
