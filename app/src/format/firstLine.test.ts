import { expect, test } from 'vitest'
import { firstLine } from './firstLine.ts'

test.each([
  ['It is off.\nURL: http://…', 'It is off'],
  [
    'The contract reverted with the following reason:\nno such contest.\n\nCall:',
    'The contract reverted with the following reason: no such contest',
  ],
  [
    'The contract reverted with the following reason:\n',
    'The contract reverted with the following reason',
  ],
  [`so ${'long '.repeat(100)}`, `so ${'long '.repeat(100)}`.slice(0, 300).trimEnd()],
  ['', ''],
])('%j is told within a sentence', (message, line) => {
  expect(firstLine(new Error(message))).toBe(line)
})
