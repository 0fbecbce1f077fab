import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { BusyError, StrangersQueue } from './queue.ts'

test('one after the other, in order, whatever fails', async () => {
  const queue = new StrangersQueue(10, 1)
  const order: string[] = []
  let busy = 0
  const task = (name: string) => async () => {
    expect(++busy).toBe(1)
    await sleep(1)
    busy--
    order.push(name)
    if (name === 'b') throw new Error(name)
    return name
  }
  const done = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.do(task(name))))
  expect(order).toEqual(['a', 'b', 'c'])
  expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('beyond its bound it refuses, and says for how long', async () => {
  const queue = new StrangersQueue(2, 1)
  let finish = (): void => undefined
  const first = queue.do(() => new Promise<void>((resolve) => (finish = resolve)))
  const second = queue.do(() => Promise.resolve('second'))
  await expect(queue.do(() => Promise.resolve())).rejects.toThrow(BusyError)
  await expect(queue.do(() => Promise.resolve())).rejects.toMatchObject({ retryAfterSeconds: 1 })
  finish()
  await first
  expect(await second).toBe('second')
  expect(await queue.do(() => Promise.resolve('third'))).toBe('third')
})

test('it stands still for the rest of the time', async () => {
  const queue = new StrangersQueue(10, 0.25)
  const started = performance.now()
  await queue.do(() => sleep(50))
  expect(performance.now() - started).toBeLessThan(150)
  await queue.do(() => Promise.resolve())
  expect(performance.now() - started).toBeGreaterThan(190)
})
