import { expect, test } from 'vitest'
import { BusyError } from './queue.ts'
import { TurnsQueue } from './turns.ts'

/** A queue, the names of what was begun in it, and how to end what is being done. */
function begin(bounds: { atOnce?: number; mostOfOne?: number; most?: number }) {
  const queue = new TurnsQueue({ atOnce: 1, mostOfOne: 9, most: 99, share: 1, ...bounds })
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const ask = (name: string): Promise<string> =>
    queue.do(name[0], () => {
      begun.push(name)
      return new Promise((end) => {
        ends.set(name, () => {
          end(name)
        })
      })
    })
  const end = async (name: string) => {
    await expect.poll(() => ends.has(name)).toBe(true)
    ends.get(name)?.()
  }
  return { begun, ask, end }
}

test('a topic comes before what waited longer of one that has had its turn', async () => {
  const { begun, ask, end } = begin({})
  const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map(ask)
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) await end(name)
  await Promise.all(all)
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

test('of one topic one thing is done at a time, of several as many as may', async () => {
  const { begun, ask, end } = begin({ atOnce: 2 })
  const all = ['a1', 'a2', 'b1', 'c1'].map(ask)
  await expect.poll(() => begun.length).toBe(2)
  expect(begun).toEqual(['a1', 'b1'])
  await end('b1')
  await expect.poll(() => begun).toEqual(['a1', 'b1', 'c1'])
  for (const name of ['c1', 'a1', 'a2']) await end(name)
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'b1', 'c1'])
})

test('whoever asks too much makes room for others', async () => {
  const { begun, ask, end } = begin({ mostOfOne: 3, most: 4 })
  const [first, second, third, fourth] = ['a1', 'a2', 'a3', 'a4'].map(ask)
  await expect(ask('a5')).rejects.toThrow(BusyError)
  const others = ['b1', 'c1'].map(ask)
  await expect(fourth).rejects.toThrow(BusyError)
  const last = ask('d1')
  await expect(third).rejects.toThrow(BusyError)
  // All that wait are one of a topic now.
  await expect(ask('e1')).rejects.toThrow(BusyError)
  for (const name of ['a1', 'b1', 'c1', 'd1', 'a2']) await end(name)
  await Promise.all([first, second, ...others, last])
  expect(begun).toEqual(['a1', 'b1', 'c1', 'd1', 'a2'])
})

test('it stands still for the rest of the time', async () => {
  const queue = new TurnsQueue({ atOnce: 1, mostOfOne: 9, most: 9, share: 0.25 })
  const started = performance.now()
  await queue.do('a', () => new Promise((resolve) => setTimeout(resolve, 50)))
  await queue.do('b', () => Promise.resolve())
  expect(performance.now() - started).toBeGreaterThan(190)
})
