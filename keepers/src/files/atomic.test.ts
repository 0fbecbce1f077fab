import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StepRoots } from '../trace/step-roots.ts'
import { appendDurable, needingSpace, writeAtomic } from './atomic.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-atomic-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const isFull = (path: string) =>
  expect.objectContaining({
    code: 'disk-full',
    exit: 8,
    message: expect.stringMatching(/^the disk is full \(ENOSPC\) .*--home.*$/) as string,
    where: path,
  }) as Error

// A device that has no room for a byte.
test.runIf(process.platform === 'linux')('a full disk is one line that names the place', () => {
  const path = join(folder, 'full')
  symlinkSync('/dev/full', path)
  const file = openSync(path, 'a')
  expect(() => {
    appendDurable(file, 'x', path)
  }).toThrow(isFull(path))
  closeSync(file)
  expect(() => {
    new StepRoots(path, 1).keep(0, [`0x${'00'.repeat(32)}`])
  }).toThrow(isFull(path))
})

test('other errors stay what they are', () => {
  const error = new Error('x')
  expect(() => {
    needingSpace('y', () => {
      throw error
    })
  }).toThrow(error)
})

test('what cannot be written leaves nothing behind', () => {
  const path = join(folder, 'a')
  writeAtomic(path, 'one')
  expect(() => {
    writeAtomic(join(path, 'b'), 'two')
  }).toThrow(/EEXIST|ENOTDIR/)
  expect(readdirSync(folder)).toEqual(['a'])
})
