import { expect, test } from 'vitest'
import { SharedHead } from './shared-head.ts'

test('who asks meanwhile shares the next look, and the last is kept for a while', async () => {
  let looks = 0
  const look = () => Promise.resolve({ number: BigInt(++looks), hash: '0x', time: 0n } as const)
  const shared = new SharedHead(look, { pauseMs: 20, keptMs: 60 })
  expect(shared.recent).toBeUndefined()
  expect((await shared.next()).number).toBe(1n)
  const asked = await Promise.all(Array.from({ length: 50 }, () => shared.next()))
  expect(new Set(asked.map(({ number }) => number))).toEqual(new Set([2n]))
  expect(shared.recent?.number).toBe(2n)
  await expect.poll(() => shared.recent).toBeUndefined()
})

test('a look that failed stops none of those after it', async () => {
  let looks = 0
  const look = () =>
    ++looks === 1
      ? Promise.reject(new Error('away'))
      : Promise.resolve({ number: 2n, hash: '0x', time: 0n } as const)
  const shared = new SharedHead(look, { pauseMs: 0, keptMs: 60 })
  await expect(shared.next()).rejects.toThrow('away')
  expect((await shared.next()).number).toBe(2n)
})
