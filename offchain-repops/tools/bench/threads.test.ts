import { expect, test } from 'vitest'
import { aboutPart, PARTS } from './parts.ts'
import { threadCounts } from './threads.ts'

test('numbers of threads are whole and positive, each once', () => {
  expect(threadCounts('2,1,2')).toEqual([2, 1])
  for (const list of ['0', '1,0', '1.5', 'x', '', '257', '-1'])
    expect(() => threadCounts(list)).toThrow(`--threads ${list}: it wants whole numbers from 1`)
})

test('a quick part says that it is not the whole one', () => {
  for (const entry of PARTS.values()) {
    expect(aboutPart(entry, false)).toBe(entry.about)
    expect(aboutPart(entry, true)).toBe(`${entry.about} (--quick: ${entry.quick})`)
  }
})
