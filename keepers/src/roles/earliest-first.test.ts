import { expect, test } from 'vitest'
import { EarliestFirst } from './earliest-first.ts'

/** Tasks that end when they are told to. */
class Tasks {
  readonly started: bigint[] = []
  readonly #end = new Map<bigint, () => void>()

  task(id: bigint, deadline: bigint) {
    const run = () => {
      this.started.push(id)
      return new Promise<void>((resolve) => this.#end.set(id, resolve))
    }
    return { id, deadline, run }
  }

  async end(id: bigint): Promise<void> {
    this.#end.get(id)!()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('one at a time, the earliest deadline first, whatever came first', async () => {
  const tasks = new Tasks()
  const queue = new EarliestFirst()
  const [a, b, c] = [tasks.task(1n, 30n), tasks.task(2n, 10n), tasks.task(3n, 20n)]
  queue.want([a, b, c])
  queue.want([a, b, c])
  expect(tasks.started).toEqual([2n])
  await tasks.end(2n)
  queue.want([a, c])
  await tasks.end(3n)
  queue.want([a])
  expect(tasks.started).toEqual([2n, 3n, 1n])
})

test('what is under way learns that something more urgent waits, and is started again after it', async () => {
  const tasks = new Tasks()
  const queue = new EarliestFirst()
  const [late, early] = [tasks.task(1n, 30n), tasks.task(2n, 10n)]
  queue.want([late])
  expect(queue.isFirst(1n)).toBe(true)
  queue.want([late, early])
  expect([queue.isFirst(1n), queue.isFirst(2n), tasks.started]).toEqual([false, true, [1n]])
  await tasks.end(1n)
  queue.want([late, early])
  await tasks.end(2n)
  queue.want([late])
  expect(tasks.started).toEqual([1n, 2n, 1n])
})

test('what is no longer wanted is not first any more', () => {
  const tasks = new Tasks()
  const queue = new EarliestFirst()
  queue.want([tasks.task(1n, 30n)])
  queue.want([])
  expect(queue.isFirst(1n)).toBe(false)
})
