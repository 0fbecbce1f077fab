import { expect, test } from 'vitest'
import { Pauses } from './pauses.ts'

/** For how many looks a thing is left alone after its latest failure. */
function pauseOf(pauses: Pauses, what: string): number {
  for (let looks = 0; ; looks++) {
    pauses.look()
    if (!pauses.isPaused(what)) return looks
  }
}

test('what fails again and again is left alone for longer, and nothing else is', () => {
  const pauses = new Pauses()
  expect(pauses.isPaused('a')).toBe(false)
  const found = Array.from({ length: 11 }, () => {
    pauses.failed('a')
    expect([pauses.isPaused('a'), pauses.isPaused('b')]).toEqual([true, false])
    return pauseOf(pauses, 'a')
  })
  expect(found).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 512])
  pauses.worked('a')
  pauses.failed('a')
  expect(pauseOf(pauses, 'a')).toBe(2)
})

test('a failure of long ago is forgotten', () => {
  const pauses = new Pauses()
  for (let i = 0; i < 3; i++) pauses.failed('a')
  for (let look = 0; look < 1000; look++) pauses.look()
  pauses.failed('a')
  expect(pauseOf(pauses, 'a')).toBe(2)
})
