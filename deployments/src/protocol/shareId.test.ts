import { expect, test } from 'vitest'
import { LIQUIDITY, shareId, shareOf } from './shareId.ts'

test('an id is a market and a number, as Book.sol puts them together', () => {
  expect(shareId(0x3fa2c1n, 2)).toBe(0x3fa2c1_0002n)
  expect(shareId(0x3fa2c1n, LIQUIDITY)).toBe(0x3fa2c1_ffffn)
  for (const number of [0n, 255n, LIQUIDITY])
    expect(shareOf(shareId(2n ** 239n, number))).toEqual({ market: 2n ** 239n, number })
})
