import { describe, expect, test } from 'vitest'
import { Random } from '../testing/Random.ts'
import { rational, roundRational, roundSqrt, type Rational } from '../testing/exactRounding.ts'
import { add, div, floor, maximum, minimum, mul, roundEven, sqrt, sub } from './arithmetic.ts'
import { bitsOf, fromBits, NAN_BITS } from './bits.ts'
import { fma } from './fma.ts'

const ROUNDS = 20_000

const finite = (bits: number): boolean => ((bits >>> 23) & 0xff) !== 0xff
const hex = (bits: number): string => (bits >>> 0).toString(16).padStart(8, '0')

/** A finite pattern: anything, a corner, or a neighbour in size of `like`. */
function operand(random: Random, like = 0x3f800000): number {
  for (;;) {
    const kind = random.below(6)
    const bits =
      kind === 0
        ? random.u32()
        : kind === 1
          ? random.word('f32')
          : kind === 2
            ? (random.u32() & 0x80ffffff) >>> 0 // subnormal or tiny
            : kind === 3
              ? ((like ^ (random.below(2) << 31)) + random.between(-4, 4)) >>> 0
              : (((like & 0x7f800000) + (random.between(-26, 26) << 23)) ^
                  random.u32() % 0x800000) >>>
                0
    if (finite(bits)) return bits
  }
}

function sum(a: Rational, b: Rational): Rational {
  const left = (a.negative ? -a.numerator : a.numerator) * b.denominator
  const right = (b.negative ? -b.numerator : b.numerator) * a.denominator
  const total = left + right
  // An exact zero is −0 only if both are; rounding never makes a zero of another sum's sign.
  const negative = total === 0n ? a.negative && b.negative : total < 0n
  return {
    negative,
    numerator: total < 0n ? -total : total,
    denominator: a.denominator * b.denominator,
  }
}

function product(a: Rational, b: Rational): Rational {
  return {
    negative: a.negative !== b.negative,
    numerator: a.numerator * b.numerator,
    denominator: a.denominator * b.denominator,
  }
}

function quotient(a: Rational, b: Rational): Rational {
  return product(a, { negative: b.negative, numerator: b.denominator, denominator: b.numerator })
}

describe('rounds as exact rational arithmetic does', () => {
  const cases: [
    string,
    (a: number, b: number) => number,
    (a: Rational, b: Rational) => Rational,
  ][] = [
    ['add', add, sum],
    ['sub', sub, (a, b) => sum(a, { ...b, negative: !b.negative })],
    ['mul', mul, product],
    ['div', div, quotient],
  ]
  test.each(cases)('%s', (_, fast, exact) => {
    const random = new Random(1)
    for (let i = 0; i < ROUNDS; i++) {
      const a = operand(random)
      const b = operand(random, a)
      if (fast === div && (b & 0x7fffffff) === 0) continue
      const expected = roundRational(exact(rational(a), rational(b)))
      expect(hex(bitsOf(fast(fromBits(a), fromBits(b)))), `${hex(a)} ${hex(b)}`).toBe(hex(expected))
    }
  })

  test('sqrt', () => {
    const random = new Random(2)
    for (let i = 0; i < ROUNDS / 4; i++) {
      const a = operand(random) & 0x7fffffff
      expect(hex(bitsOf(sqrt(fromBits(a)))), hex(a)).toBe(hex(roundSqrt(rational(a))))
    }
  })

  test('fma, weighted to cancellation and subnormals', () => {
    const random = new Random(3)
    for (let i = 0; i < 2 * ROUNDS; i++) {
      const a = operand(random)
      const b = operand(random, a)
      const near = bitsOf(fromBits(a) * fromBits(b))
      expectFma(a, b, operand(random, finite(near) ? near : a))
    }
  })

  test('fma, where float64 rounds the sum to a half-way point that it is not', () => {
    const random = new Random(4)
    for (let i = 0; i < ROUNDS; i++) {
      // (1 + t)·(1 − t)·h = h − t²h with t² ≤ 2^-40: h is half a unit in c's last place
      const t = random.below(8) * 2 ** -23
      const c = operand(random)
      const h = 2 ** (Math.max(1, (c >>> 23) & 0xff) - 151) * (random.chance(0.5) ? 1 : -1)
      const b = Math.fround((1 - t) * h)
      expectFma(bitsOf(1 + t), bitsOf(b), c)
      expectFma(bitsOf(Math.fround(1 + 2 * t)), bitsOf(b), c)
    }
  })

  function expectFma(a: number, b: number, c: number): void {
    const exact = sum(product(rational(a), rational(b)), rational(c))
    const actual = bitsOf(fma(fromBits(a), fromBits(b), fromBits(c)))
    expect(hex(actual), `${hex(a)} ${hex(b)} ${hex(c)}`).toBe(hex(roundRational(exact)))
  }
})

describe('special values', () => {
  test('a NaN of any kind is written as the canonical one', () => {
    const inf = Infinity
    for (const nan of [
      fromBits(0xffc12345),
      inf - inf,
      0 * inf,
      fma(inf, 0, 1),
      fma(inf, 1, -inf),
    ]) {
      expect(bitsOf(nan)).toBe(NAN_BITS)
    }
  })

  test('infinities and signed zeros of fma', () => {
    expect(fma(Infinity, -2, 5)).toBe(-Infinity)
    expect(fma(2, 3, -Infinity)).toBe(-Infinity)
    expect(fma(3e38, 3e38, -3e38)).toBe(Infinity)
    expect(Object.is(fma(0, -1, -0), -0)).toBe(true)
    expect(Object.is(fma(1, 1, -1), 0)).toBe(true)
    expect(Object.is(fma(2 ** -100, -(2 ** -100), 0), -0)).toBe(true)
  })

  test('minimum and maximum order the zeros and spread NaN', () => {
    expect(Object.is(minimum(0, -0), -0)).toBe(true)
    expect(Object.is(maximum(-0, 0), 0)).toBe(true)
    expect(minimum(NaN, -Infinity)).toBeNaN()
    expect(maximum(1, NaN)).toBeNaN()
  })

  test('rounding to integers keeps the sign of zero and breaks ties to even', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 8388607.5].map(roundEven)).toEqual([
      0, 2, 2, -0, -2, 8388608,
    ])
    expect([0.25, -0.25, -0, 1e30].map(roundEven)).toEqual([0, -0, -0, 1e30])
    expect([0.5, -0.5, -0].map(floor)).toEqual([0, -1, -0])
  })
})
