import { expect, test } from 'vitest'
import type { ProtocolEvent } from './network.ts'
import { Windows } from './windows.ts'

const made = (claim: bigint, windowEnd: number) =>
  ({ eventName: 'ClaimMade', args: { claim, windowEnd } }) as unknown as ProtocolEvent
const voided = (claim: bigint) =>
  ({ eventName: 'ClaimVoided', args: { claim } }) as unknown as ProtocolEvent

test('a window is skipped when its claim was found right, and once', () => {
  const windows = new Windows()
  expect(windows.skippable(100n)).toBeUndefined()
  windows.read(made(1n, 700))
  expect(windows.skippable(100n)).toBeUndefined()
  windows.foundRight(1n)
  expect(windows.skippable(100n)).toBe(700n)
  expect(windows.skippable(700n)).toBe(700n)
  expect(windows.skippable(701n)).toBeUndefined()
})

test('what the challenger says before the claim is read counts', () => {
  const windows = new Windows()
  windows.foundRight(1n)
  expect(windows.skippable(100n)).toBeUndefined()
  windows.read(made(1n, 700))
  expect(windows.skippable(100n)).toBe(700n)
})

test('a claim that is still being checked keeps all of its time, whichever window ends first', () => {
  for (const ends of [
    [700, 710],
    [710, 700],
  ]) {
    const windows = new Windows()
    windows.read(made(1n, ends[0]))
    windows.read(made(2n, ends[1]))
    windows.foundRight(1n)
    expect(windows.skippable(100n)).toBeUndefined()
    windows.foundRight(2n)
    expect(windows.skippable(100n)).toBe(710n)
  }
})

test('a claim that was found wrong holds the clock until it is void', () => {
  const windows = new Windows()
  windows.read(made(1n, 700))
  windows.read(made(2n, 710))
  windows.foundRight(2n)
  expect(windows.skippable(100n)).toBeUndefined()
  windows.read(voided(1n))
  expect(windows.skippable(100n)).toBe(710n)
})

test('a claim that nobody could check holds the clock until its own window is over', () => {
  const windows = new Windows()
  windows.read(made(1n, 700))
  windows.read(made(2n, 900))
  windows.foundRight(2n)
  expect(windows.skippable(700n)).toBeUndefined()
  expect(windows.skippable(701n)).toBe(900n)
})
