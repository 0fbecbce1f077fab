import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provideChromium } from './chromium.mjs'

let folder: string
let said: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-chromium-'))
  said = []
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const at = (name: string): string => join(folder, name)

function script(name: string, line: string): void {
  writeFileSync(at(name), `#!/bin/sh\necho "${name} $*" >> '${at('ran')}'\n${line}\n`)
  chmodSync(at(name), 0o755)
}

/** An apt-get that brings the browser, or one that does not. */
const debian = ({ has = true } = {}): void => {
  script('apt-get', has ? `[ "$1" = update ] || touch '${at('chromium')}'` : 'exit 100')
}
const ran = (): string[] =>
  existsSync(at('ran')) ? readFileSync(at('ran'), 'utf8').trim().split('\n') : []

const provide = ({ isNamed = false, isRoot = true } = {}): string | undefined =>
  provideChromium({
    ...{ chromium: at('chromium'), aptGet: at('apt-get'), sudo: at('sudo') },
    ...{ isNamed, isRoot, say: (line: string) => void said.push(line) },
  })

const UPDATE = 'apt-get update -qq'
const INSTALL = 'apt-get install -y -qq --no-install-recommends chromium'

test('a browser that is there is left alone', () => {
  debian()
  writeFileSync(at('chromium'), '')
  expect(provide()).toBeUndefined()
  expect(ran()).toEqual([])
})

test('root gets it from Debian, and is told', () => {
  debian()
  expect(provide()).toBeUndefined()
  expect(ran()).toEqual([UPDATE, INSTALL])
  expect(said).toHaveLength(1)
})

test('so does who needs no password for it', () => {
  debian()
  script('sudo', '[ "$1" = -n ] && shift && exec "$@"')
  expect(provide({ isRoot: false })).toBeUndefined()
  expect(ran().filter((line) => line.startsWith('apt-get'))).toEqual([UPDATE, INSTALL])
})

test.each([
  ['has to give a password', true],
  ['has no sudo', false],
])('who %s is told what to do', (_, hasSudo) => {
  debian()
  if (hasSudo) script('sudo', 'exit 1')
  expect(provide({ isRoot: false })).toMatch(/none at .*chromium.* may not install .*LOCKSTEP_CHR/)
  expect(ran().filter((line) => line.startsWith('apt-get'))).toEqual([])
  expect(said).toEqual([])
})

test('elsewhere than on Debian nothing is run', () => {
  expect(provide()).toMatch(/none at .*chromium: install Chromium, or name one with LOCKSTEP_CHR/)
  expect(said).toEqual([])
})

test('a browser that was named and is not there is not replaced by another', () => {
  debian()
  expect(provide({ isNamed: true })).toMatch(/which LOCKSTEP_CHROMIUM names/)
  expect(ran()).toEqual([])
})

test('what Debian could not bring is said', () => {
  debian({ has: false })
  expect(provide()).toMatch(/none at .*chromium after apt-get install chromium/)
  expect(ran()).toEqual([UPDATE, INSTALL])
})
