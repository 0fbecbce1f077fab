import { expect, test } from 'vitest'
import { EarliestFirst } from './earliest-first.ts'

/** Tasks that end when they are told to. */
class Tasks {
  readonly started: bigint[] = []
  readonly #end = new Map<bigint, (worked: boolean) => void>()

  task(id: bigint, deadline: bigint) {
    const run = () => {
      this.started.push(id)
      return new Promise<boolean>((resolve) => this.#end.set(id, resolve))
    }
    return { id, deadline, run }
  }

  async end(id: bigint, worked = true): Promise<void> {
    this.#end.get(id)!(worked)
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

test('one that fails lets all others go first, for longer each time', async () => {
  const tasks = new Tasks()
  const queue = new EarliestFirst()
  const [bad, good, late] = [tasks.task(1n, 10n), tasks.task(2n, 20n), tasks.task(3n, 30n)]
  queue.want([bad, good, late])
  await tasks.end(1n, false)
  queue.want([bad, good, late])
  await tasks.end(2n)
  queue.want([bad, late])
  expect(tasks.started).toEqual([1n, 2n, 3n])
  expect([queue.isFirst(1n), queue.isFirst(3n)]).toEqual([false, true])

  /** Looks until the bad one is first again. */
  const pause = (): number => {
    for (let looks = 1; ; looks++) {
      queue.want([bad, late])
      if (queue.isFirst(1n)) return looks
    }
  }
  const pauses = []
  pause()
  await tasks.end(3n)
  for (let times = 0; times < 10; times++) {
    queue.want([bad, late])
    await tasks.end(1n, false)
    pauses.push(pause())
    await tasks.end(3n)
  }
  expect(pauses).toEqual([9, 17, 33, 65, 129, 257, 513, 513, 513, 513])
})

test('one that fails is tried again where nothing else waits, and is forgiven when it works', async () => {
  const tasks = new Tasks()
  const queue = new EarliestFirst()
  const [bad, late] = [tasks.task(1n, 10n), tasks.task(2n, 20n)]
  for (const worked of [false, false, true]) {
    queue.want([bad])
    await tasks.end(1n, worked)
  }
  queue.want([bad, late])
  expect(tasks.started).toEqual([1n, 1n, 1n, 1n])
})

test('where it rests, one that fails is not tried again before its pause is over', async () => {
  const tasks = new Tasks()
  const queue = new EarliestFirst({ rests: true })
  const bad = tasks.task(1n, 10n)
  const looks = []
  for (let look = 1; looks.length < 4; look++) {
    queue.want([bad])
    if (tasks.started.length > looks.length) {
      looks.push(look)
      await tasks.end(1n, false)
    }
  }
  expect(looks).toEqual([1, 6, 15, 32])
})
