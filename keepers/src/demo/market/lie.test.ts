import { expect, test } from 'vitest'
import { liftingBit } from './lie.ts'

test.each([-2_512_345, -1_900_000, -4_194_304, -1 - 2 ** 30, 0, 1, -(2 ** 31)])(
  'flipping the bit makes %i better, and no other bit more',
  (score) => {
    const flipped = (bit: number) => score ^ (1 << bit)
    const bit = liftingBit(score)
    expect(flipped(bit)).toBeGreaterThan(score)
    for (let other = 0; other < 31; other++)
      expect(flipped(other)).toBeLessThanOrEqual(flipped(bit))
  },
)

test('the best score cannot be lifted', () => {
  expect(() => liftingBit(2 ** 31 - 1)).toThrow(RangeError)
  expect(() => liftingBit(-1)).toThrow(RangeError)
})
