import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Book } from './book.ts'
import * as lmsr from './lmsr.ts'
import { primitiveErrors } from './testing/primitives.ts'
import { vectors } from './testing/vectors.ts'
import { walkUntil } from './testing/walk.ts'
import { expWad, lnWad, WAD } from './wad.ts'

const B = 1_000n * WAD
const DEPTH = B / lmsr.WEI_PER_SHARE // shares worth b

test('20,000 random and adversarial trades: costs within 7 units of the exact ones, solvent, no gain from cycles', () => {
  const seen = walkUntil(20_000, 1)
  expect(seen.leastError).toBeGreaterThan(0)
  expect(seen.mostError).toBeLessThan(7)
  expect(seen.mostDifference).toBeLessThan(2.2)
  expect(seen.mostQuoteMiss).toBeLessThan(5)
  expect(seen.gathers).toBeGreaterThan(500)
})

test('the vectors that the contract is held to are those of this code', () => {
  const file = new URL('../../../../test/delphi/vectors/lmsr.json', import.meta.url)
  // Not toBe: it would print both. Written by keepers/tools/lmsr/vectors.ts.
  expect(readFileSync(file, 'utf8') === vectors()).toBe(true)
})

test('the errors of expWad and lnWad are those on which the margin rests', () => {
  const errors = primitiveErrors(2_000, 1)
  expect(errors.expLeast).toBeGreaterThan(-0.003)
  expect(errors.expMost).toBeLessThan(0.017)
  expect(errors.lnLeast).toBeGreaterThan(-1.06)
  expect(errors.lnMost).toBeLessThan(0.05)
})

describe('what the contract refuses is refused with its name', () => {
  const refusals: [string, () => unknown, lmsr.LmsrRefusal][] = [
    ['liquidity', () => lmsr.open(lmsr.MIN_LIQUIDITY - 1n, 2), 'LiquidityOutOfRange'],
    ['liquidity', () => lmsr.funding(lmsr.MAX_LIQUIDITY + 1n, 2), 'LiquidityOutOfRange'],
    ['joining with less', () => new Book(B, 2).join(B), 'LiquidityOutOfRange'],
    ['outcomes', () => lmsr.open(B, 1), 'OutcomesOutOfRange'],
    ['outcomes', () => lmsr.gather(B, new Array<bigint>(257).fill(0n)), 'OutcomesOutOfRange'],
    ['buying nothing', () => new Book(B, 2).buy(0, 0n), 'NoShares'],
    ['selling nothing', () => new Book(B, 2).sell(0, 0n), 'NoShares'],
    ['too many', () => new Book(B, 2).buy(0, lmsr.limit(B) + 1n), 'QuantityOutOfRange'],
    ['too few', () => new Book(B, 2).sell(0, lmsr.limit(B) + 1n), 'QuantityOutOfRange'],
    [
      'an outcome too far away',
      () => lmsr.admit(lmsr.open(B, 2), lmsr.limit(B) + 1n),
      'QuantityOutOfRange',
    ],
  ]
  test.each(refusals)('%s', (_, act, refusal) => {
    expect(act).toThrow(expect.objectContaining({ refusal }))
  })

  test('and leaves the book as it was', () => {
    const book = new Book(B, 2)
    expect(() => book.buy(0, lmsr.limit(B) + 1n)).toThrow(lmsr.LmsrError)
    expect(() => book.sell(0, lmsr.limit(B) + 1n)).toThrow(lmsr.LmsrError)
    expect(book).toEqual(new Book(B, 2))
  })
})

test('expWad and lnWad refuse what the contract reverts on', () => {
  expect(() => expWad(135305999368893231589n)).toThrow(RangeError)
  expect(expWad(135305999368893231588n)).toBeGreaterThan(2n ** 254n)
  expect(() => lnWad(0n)).toThrow(RangeError)
})

test('a quote says what a trade then costs', () => {
  const book = new Book(B, 8)
  const shares = book.buyFor(3, 100n * WAD)
  const cost = book.buy(3, shares)
  expect(cost).toBeLessThanOrEqual(100n * WAD)
  expect(cost).toBeGreaterThan(100n * WAD - 10n ** 9n)
  expect(book.sellFor(3, 10_000n * WAD)).toBeUndefined()
  const sold = book.sellFor(3, 50n * WAD) ?? 0n
  expect(book.sell(3, sold)).toBeGreaterThanOrEqual(50n * WAD)
})

test('no quote goes beyond the limit', () => {
  const book = new Book(WAD, 2)
  const limit = lmsr.limit(WAD)
  book.mint(limit)
  book.sell(1, limit)
  expect(book.sellFor(0, 31_999n * WAD)).toBeLessThan(limit)
  expect(book.sellFor(0, 31_999n * WAD + WAD / 2n)).toBeUndefined() // it would be 0.43 b beyond
  expect(book.buyFor(0, 40_000n * WAD)).toBe(limit)
})

test('a thousand b ahead and back', () => {
  const book = new Book(B, 2)
  const cost = book.buy(0, 1_000n * DEPTH)
  expect(book.sell(0, 1_000n * DEPTH)).toBeLessThan(cost)
  expect(book.pot).toBeGreaterThanOrEqual(lmsr.funding(B, 2))
})
