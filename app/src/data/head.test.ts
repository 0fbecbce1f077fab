import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Config } from '../config/config.ts'
import { HeadWatch, timeOf } from './head.ts'

const NOW = 1_800_000_000
const block = { number: '5', timestamp: NOW + 5000 }
let meta = { chainId: 31337, isSynced: true, ageSeconds: 0, version: '1', block }

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 })
  // No subscription: it polls.
  vi.stubGlobal('fetch', (_: string, { headers }: { headers: Record<string, string> }) =>
    headers['accept'].includes('json')
      ? Promise.resolve(Response.json({ data: { meta } }))
      : Promise.reject(new Error('no stream')),
  )
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('the time of a chain that is ahead runs on while no block comes, whatever polls tell', async () => {
  const config = { chainId: 31337, graphqlUrl: 'http://127.0.0.1:1/graphql' } as Config
  const watch = new HeadWatch(config, new QueryClient())
  const stop = watch.start()
  const time = () => timeOf(watch.state().head!, Date.now()) - block.timestamp
  await vi.advanceTimersByTimeAsync(1000)
  expect(time()).toBe(1)
  const seen: number[] = []
  for (let second = 0; second < 14; second++) {
    await vi.advanceTimersByTimeAsync(1000)
    seen.push(time())
  }
  expect(watch.state().link).toBe('polling')
  expect(seen).toEqual(Array.from({ length: 14 }, (_, i) => i + 2))

  // A later block that is older than the time so far sets it back: the chain's own word.
  meta = { ...meta, block: { number: '6', timestamp: block.timestamp + 3 } }
  await vi.advanceTimersByTimeAsync(4000)
  expect(time()).toBeLessThan(3 + 4)
  // A chain with the clock of the server: its age counts.
  meta = { ...meta, ageSeconds: 60, block: { number: '7', timestamp: NOW - 41 } }
  await vi.advanceTimersByTimeAsync(4000)
  expect(timeOf(watch.state().head!, watch.state().head!.at)).toBe(NOW + 19)
  stop()
})
