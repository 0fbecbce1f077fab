import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal } from './journal.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-journal-'))
  path = join(folder, 'journal.jsonl')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const send = (intent: string, nonce: number, hash = `0x${nonce}${intent.length}`) =>
  ({
    type: 'send',
    intent,
    nonce,
    hash: hash as `0x${string}`,
    raw: '0x02',
    maxFeePerGas: 10n ** 20n,
    maxPriorityFeePerGas: 1n,
  }) as const

test('a new process knows what the old one did', () => {
  const first = new Journal(path)
  first.write(send('a', 4))
  first.write({ type: 'mined', intent: 'a', hash: '0x41', success: true })
  first.write(send('b', 5, '0xb1'))
  first.write(send('b', 5, '0xb2'))
  first.write(send('c', 6))
  first.write({ type: 'superseded', intent: 'c', reason: 'taken' })
  first.write(send('d', 7))
  first.write({ type: 'mined', intent: 'd', hash: '0x71', success: false })
  first.close()

  const second = new Journal(path)
  expect(second.get('a')).toMatchObject({ nonce: 4, outcome: 'done', minedHash: '0x41' })
  expect(second.get('b')?.sendings.map(({ hash }) => hash)).toEqual(['0xb1', '0xb2'])
  expect(second.get('b')?.sendings[0].maxFeePerGas).toBe(10n ** 20n)
  expect(second.get('c')).toMatchObject({ outcome: 'superseded', reason: 'taken' })
  expect(second.get('d')).toMatchObject({ outcome: 'refused', reason: 'reverted in 0x71' })
  expect(second.open().map(({ intent }) => intent)).toEqual(['b'])
  second.close()
})

test('a nonce that was signed with and not used comes before all others', () => {
  const journal = new Journal(path)
  expect(journal.nextNonce(3, 5)).toBe(5)
  journal.write(send('a', 5))
  expect(journal.nextNonce(5, 5)).toBe(6)
  expect(journal.nextNonce(5, 9)).toBe(9)
  journal.write({ type: 'refused', intent: 'a', reason: 'no' })
  expect(journal.nextNonce(5, 9)).toBe(5)
  expect(journal.nextNonce(6, 9)).toBe(9) // the chain has used it
  journal.write(send('b', 5))
  expect(journal.nextNonce(5, 5)).toBe(6)
  journal.write({ type: 'mined', intent: 'b', hash: '0x1', success: false })
  expect(journal.nextNonce(5, 5)).toBe(6)
  journal.close()
})

test('a line that a kill cut off was never acted on', () => {
  const journal = new Journal(path)
  journal.write(send('a', 1))
  journal.close()
  const whole = readFileSync(path).length
  appendFileSync(path, '{"type":"send","intent":"b","no')
  const next = new Journal(path)
  expect(next.open().map(({ intent }) => intent)).toEqual(['a'])
  expect(readFileSync(path).length).toBe(whole)
  next.write(send('c', 2))
  next.close()
  expect(new Journal(path).open().map(({ intent }) => intent)).toEqual(['a', 'c'])
})

test('every cut of the file gives a journal of what was written before it', () => {
  const journal = new Journal(path)
  for (let nonce = 0; nonce < 4; nonce++) journal.write(send(`intent${nonce}`, nonce))
  journal.close()
  const bytes = readFileSync(path)
  for (let length = bytes.length; length >= 0; length--) {
    truncateSync(path, length)
    const lines = bytes.subarray(0, length).toString().split('\n').length - 1
    const cut = new Journal(path)
    expect(cut.open().length).toBe(lines)
    cut.close()
  }
})

test.each([
  'rubbish\n',
  '{"type":"send"}\n',
  '{"type":"mined","intent":"never sent","hash":"0x1","success":true}\n',
])('damage anywhere else is an error that names the line: %s', (line) => {
  const journal = new Journal(path)
  journal.write(send('a', 1))
  journal.close()
  appendFileSync(path, line + '{"type":"refused","intent":"a","reason":"no"}\n')
  expect(() => new Journal(path)).toThrow(/damaged \(.*line 2\)/)
})

test('one intent has one nonce', () => {
  const journal = new Journal(path)
  journal.write(send('a', 1))
  expect(() => {
    journal.write(send('a', 2))
  }).toThrow(/sent at nonce 1 before/)
  journal.close()
})
