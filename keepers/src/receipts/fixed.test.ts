import { type Backend, openBackendByName, reference } from '@lockstep/repops'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { FolderStore } from '../store/folder.ts'
import { Mirror } from '../store/mirror.ts'
import { Engine } from '../trace/engine.ts'
import { checkReceipt } from './check.ts'
import { firstDifference } from './difference.ts'
import { loadReceipt } from './load.ts'
import { rerun } from './rerun.ts'
import { checkSignatures, receiptHash } from './sign.ts'

// These files never change: docs/spec/receipts.md, section 7.
const FIXED = fileURLToPath(new URL('testing', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'lockstep-receipts-'))
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

interface Expected {
  readonly receipt: string
  readonly signers: readonly string[]
  readonly match: boolean
  readonly differs?: object
}

const versions = readdirSync(FIXED)
const cases = versions.flatMap((version) => {
  const text = readFileSync(join(FIXED, version, 'expected.json'), 'utf8')
  const expected = JSON.parse(text) as Record<string, Expected>
  return Object.entries(expected).map(([name, result]) => ({ version, name, result }))
})

test('every receipt that was ever fixed is there', () => {
  for (const version of versions) {
    const files = readdirSync(join(FIXED, version)).filter((file) => file !== 'store')
    const named = cases.filter((one) => one.version === version).map(({ name }) => `${name}.json`)
    expect(files.sort()).toEqual([...named, 'expected.json'].sort())
  }
  expect(cases.filter(({ version }) => version === 'v1')).toHaveLength(8)
})

test.each(['reference', 'native', 'wasm'])('all of them are as they were, on %s', async (name) => {
  const backend: Backend = await openBackendByName(name, { threads: 1 })
  const engine = new Engine(backend)
  for (const { version, name, result } of cases) {
    const path = join(FIXED, version, `${name}.json`)
    const receipt = await loadReceipt(path)
    checkReceipt(receipt, path)
    expect(receipt.version).toBe(Number(version.slice(1)))
    expect(receiptHash(receipt)).toBe(result.receipt)
    expect(await checkSignatures(receipt, path)).toEqual(result.signers)
    const store = new FolderStore(join(FIXED, version, 'store'))
    const mirror = new Mirror(store, [], 2 ** 30, createLog('silent', 'test'))
    const options = { engine, folder: home, maxJobBytes: 2 ** 30, maxJobNodes: 1000 }
    const found = await rerun(receipt, mirror, options, (trace) => firstDifference(receipt, trace))
    expect(found === undefined, path).toBe(result.match)
    if (result.differs !== undefined) expect(found, path).toMatchObject(result.differs)
  }
  await engine.close()
  // The next one runs all of it again.
  expect(readdirSync(home).filter((name) => !name.endsWith('.lock'))).toEqual([])
})

test('a run that is stopped goes on where it was', async () => {
  const path = join(FIXED, 'v1', 'training.json')
  const receipt = await loadReceipt(path)
  const store = new FolderStore(join(FIXED, 'v1', 'store'))
  const mirror = new Mirror(store, [], 2 ** 30, createLog('silent', 'test'))
  let steps = 0
  const counting: Backend = {
    ...reference,
    compile: async (plan) => {
      const it = await reference.compile(plan)
      return {
        run: (...range) => {
          steps++
          return it.run(...range)
        },
        read: (slot) => it.read(slot),
        write: (slot, words) => it.write(slot, words),
        roots: (slots) => it.roots(slots),
        close: () => it.close(),
      }
    },
  }
  const stop = new AbortController()
  const options = {
    engine: new Engine(counting),
    folder: home,
    maxJobBytes: 2 ** 30,
    maxJobNodes: 1000,
  }
  const look = () => Promise.resolve('looked')
  stop.abort()
  const { signal } = stop
  await expect(rerun(receipt, mirror, { ...options, signal }, look)).rejects.toThrow(
    'stopped after step 1 of 10',
  )
  expect(steps).toBe(1)
  expect(await rerun(receipt, mirror, options, look)).toBe('looked')
  expect(steps).toBe(10)
})
