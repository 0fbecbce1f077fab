import { expect, test } from 'vitest'
import { pack } from '../../../../tools/vectors/scalars.ts'
import {
  rational,
  roundRational,
  roundSqrt,
  type Rational,
} from '../../../testing/exactRounding.ts'
import { Random } from '../../../testing/Random.ts'
import { proveBackend } from '../../conformance.ts'
import { webgpu } from '../index.ts'
import { testDevice } from '../testDevice.ts'

const device = testDevice()
const CASES = 8000

const finite = (bits: number): boolean => ((bits >>> 23) & 0xff) !== 0xff

/** A finite pattern: anything, a corner, tiny, or as large as `like` and perhaps its neighbour. */
function operand(random: Random, like: number): number {
  for (;;) {
    const kind = random.below(5)
    let bits = random.u32()
    if (kind === 0) bits = random.word('f32')
    if (kind === 1) bits &= 0x80ffffff
    if (kind === 2) bits = (like ^ (random.below(2) << 31)) + random.between(-4, 4)
    if (kind === 3) bits = (like & 0x7f800000) + (random.between(-26, 26) << 23) + (bits & 0x807fffff) // prettier-ignore
    if (finite(bits)) return bits >>> 0
  }
}

const product = (a: Rational, b: Rational): Rational => ({
  negative: a.negative !== b.negative,
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
})

function sum(a: Rational, b: Rational): Rational {
  const signed = (x: Rational, y: Rational): bigint =>
    (x.negative ? -x.numerator : x.numerator) * y.denominator
  const total = signed(a, b) + signed(b, a)
  return {
    negative: total === 0n ? a.negative && b.negative : total < 0n,
    numerator: total < 0n ? -total : total,
    denominator: a.denominator * b.denominator,
  }
}

const quotient = (a: Rational, b: Rational): Rational =>
  product(a, { negative: b.negative, numerator: b.denominator, denominator: b.numerator })

const exact: readonly [op: string, arity: number, result: (...x: Rational[]) => number][] = [
  ['Add', 2, (a, b) => roundRational(sum(a, b))],
  ['Sub', 2, (a, b) => roundRational(sum(a, { ...b, negative: !b.negative }))],
  ['Mul', 2, (a, b) => roundRational(product(a, b))],
  ['Div', 2, (a, b) => roundRational(quotient(a, b))],
  ['Fma', 3, (a, b, c) => roundRational(sum(product(a, b), c))],
  ['Sqrt', 1, (a) => roundSqrt(a)],
]

test('in integers every operation rounds as exact rational arithmetic does', async () => {
  const backend = await webgpu(device(), { arithmetic: 'integers' })
  expect(backend.trials).toEqual([])
  const scalars = exact.map(([op, arity, result]) => {
    const random = new Random(arity * 1000 + op.length)
    const rows = Array.from({ length: op === 'Sqrt' ? CASES / 8 : CASES }, () => {
      const a = operand(random, 0x3f800000)
      const b = operand(random, a)
      if (op === 'Sqrt') return [a & 0x7fffffff]
      if (op === 'Div') return [a, (b & 0x7fffffff) === 0 ? 0x40400000 : b]
      const near = a + (b & 0x7fffffff) - 0x3f800000 // about the product's bits
      return [a, b, operand(random, finite(near) ? near : a)].slice(0, arity)
    })
    const outputs = rows.map((row) => result(...row.map(rational)))
    const count = rows.length
    return { op, type: 'f32' as const, arity, count, inputs: pack(rows.flat()), outputs: pack(outputs) } // prettier-ignore
  })
  const shown = await proveBackend(backend, { kernels: [], scalars })
  expect(shown.map(({ op, failure }) => [op, failure])).toEqual(
    exact.map(([op]) => [op, undefined]),
  )
})
