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
  first.write({ type: 'lost', intent: 'c' })
  first.close()

  const second = new Journal(path)
  expect(second.get('a')).toMatchObject({ nonce: 4, outcome: 'success', minedHash: '0x41' })
  expect(second.get('b')?.sendings.map(({ hash }) => hash)).toEqual(['0xb1', '0xb2'])
  expect(second.get('b')?.sendings[0].maxFeePerGas).toBe(10n ** 20n)
  expect(second.open().map(({ intent }) => intent)).toEqual(['b'])
  // The nonce of what was lost is somebody else's; whether it is free again only the chain knows.
  expect(second.nextNonce()).toBe(6)
  second.close()
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
  appendFileSync(path, line + '{"type":"lost","intent":"a"}\n')
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
