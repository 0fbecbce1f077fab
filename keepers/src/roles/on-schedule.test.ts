import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { Head } from '../chain/connect.ts'
import { createLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { checkSchedule, onSchedule } from './on-schedule.ts'

afterEach(() => {
  vi.useRealTimers()
})

const HEAD: Head = { number: 1n, hash: '0x1', time: 1n }
const keeper = () =>
  ({
    log: createLog('silent', 'test'),
    metrics: new Metrics('test'),
    sender: { noteBalance: () => Promise.resolve() },
    contracts: { chain: { head: () => Promise.resolve(HEAD) } },
  }) as unknown as Parameters<typeof onSchedule>[0]

/** Runs looks that take `lookMs` every second for a while, and says how many began and how many ran at a time. */
async function play(lookMs: number, forMs: number, fail = false) {
  vi.useFakeTimers({ now: 1_000_000_000_500 })
  const stop = new AbortController()
  const seen = { looks: 0, running: 0, most: 0 }
  const tick = async () => {
    seen.looks++
    seen.most = Math.max(seen.most, ++seen.running)
    await sleepFor(lookMs)
    seen.running--
    if (fail) throw new Error('the look failed')
    return true
  }
  const options = { schedule: '* * * * * *', rpc: 'http://127.0.0.1:1', signal: stop.signal }
  const ended = onSchedule(keeper(), tick, options)
  await vi.advanceTimersByTimeAsync(forMs)
  const looks = seen.looks
  stop.abort()
  await vi.advanceTimersByTimeAsync(lookMs + 1_000)
  await ended
  return { ...seen, looks, after: seen.looks }
}

const sleepFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('looks at the start and whenever the expression says so, until it is told to stop', async () => {
  const { looks, most, after } = await play(10, 5_000)
  expect(looks).toBe(6)
  expect(most).toBe(1)
  expect(after).toBe(looks)
})

test('a look that takes long is not begun twice, and what was missed is made up for once', async () => {
  const { looks, most } = await play(3_200, 10_000)
  expect(most).toBe(1)
  expect(looks).toBe(4) // one after the other: each ends with a look due
})

test('a look that fails is followed by the next one', async () => {
  expect((await play(10, 3_000, true)).looks).toBe(4)
})

test('what is no cron expression is refused', () => {
  for (const wrong of ['', 'soon', '61 * * * *', '* * *', '* * * * * * *']) {
    expect(() => {
      checkSchedule(wrong)
    }).toThrow(/not a schedule/)
  }
  for (const right of ['* * * * *', '*/5 * * * *', '*/2 * * * * *', '0 9 * * 1-5'])
    checkSchedule(right)
})

test('a signal that came before ends it at once', async () => {
  const stop = new AbortController()
  stop.abort()
  const tick = () => Promise.reject(new Error('it looked'))
  await onSchedule(keeper(), tick, { schedule: '* * * * *', rpc: '', signal: stop.signal })
  await sleep(1)
})
