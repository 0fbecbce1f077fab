import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeHome } from './write-home.ts'

let home: string
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'lockstep-home-'))))
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

const plan = () => ({ home, settings: { role: 'solver' } })

test('writes a key and a configuration', () => {
  writeHome(plan())
  expect(readdirSync(home).sort()).toEqual(['config.json', 'key.json'])
})

test('where the configuration cannot be written there is no key either', () => {
  // In the way of the file that becomes the configuration.
  mkdirSync(join(home, 'config.json.new', 'x'), { recursive: true })
  expect(() => writeHome(plan())).toThrow()
  expect(readdirSync(home)).toEqual(['config.json.new'])
})

test('a file that somebody else has written is left as it is', () => {
  writeFileSync(join(home, 'key.json'), 'theirs')
  expect(() => writeHome(plan())).toThrow('nothing is overwritten')
  expect(readdirSync(home)).toEqual(['key.json'])
})
