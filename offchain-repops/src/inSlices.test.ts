import { expect, test } from 'vitest'
import { atOnce, inSlices } from './inSlices.ts'

function* busy(pieces: number, pieceMs: number): Generator<void, number> {
  for (let i = 0; i < pieces; i++) {
    for (const end = performance.now() + pieceMs; performance.now() < end; );
    yield
  }
  return pieces
}

test('others have their turns in between, and only in slices', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  expect(atOnce(busy(30, 1))).toBe(30)
  expect(turns).toBe(0)
  expect(await inSlices(busy(30, 1), 5)).toBe(30)
  expect(turns).toBeGreaterThan(2)
  clearInterval(timer)
})

test('what it throws comes through', async () => {
  const wrong = function* (): Generator<void, never> {
    yield
    throw new RangeError('wrong')
  }
  await expect(inSlices(wrong())).rejects.toThrow(RangeError)
  expect(() => atOnce(wrong())).toThrow(RangeError)
})
