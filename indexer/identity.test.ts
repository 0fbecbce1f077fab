import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tablesName } from './identity.ts'

const checkout = fileURLToPath(new URL('../', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'lockstep-identity-'))

beforeAll(() => {
  for (const part of [
    ...['schema', 'config', 'src', 'ponder.config.ts', 'ponder.schema.ts'].map(
      (name) => `indexer/${name}`,
    ),
    ...['deployments/src', 'offchain-repops/src'],
  ]) {
    cpSync(join(checkout, part), join(root, part), { recursive: true })
  }
})
afterAll(() => {
  rmSync(root, { recursive: true })
})

const nameAfter = (file: string): string => {
  appendFileSync(join(root, file), '// changed\n')
  return tablesName('chain', root)
}

test.each([
  ...['indexer/ponder.config.ts', 'indexer/ponder.schema.ts', 'indexer/schema/work.ts'],
  ...['indexer/config/contracts.ts', 'indexer/src/verde.ts', 'indexer/src/support/shown.ts'],
  ...['deployments/src/abis/verde.ts', 'deployments/src/protocol/position.ts'],
  // The codec of nodes, and what it reads and counts with.
  ...['offchain-repops/src/nodes.ts', 'offchain-repops/src/program/nodeCodec.ts'],
  ...['offchain-repops/src/ops/reduceMax.ts', 'offchain-repops/src/numbers/reduction.ts'],
])('tables are others when %s is', (file) => {
  const before = tablesName('chain', root)
  expect(tablesName('chain', root)).toBe(before)
  expect(nameAfter(file)).not.toBe(before)
})

test.each([
  ...['indexer/src/api/app.ts', 'indexer/src/api/data/lists.test.ts'],
  'offchain-repops/src/program/nodeCodec.test.ts',
])('tables stay when %s changes', (file) => {
  const before = tablesName('chain', root)
  expect(nameAfter(file)).toBe(before)
})

test('every chain has its own', () => {
  const names = ['chain', 'other'].map((chain) => tablesName(chain, root))
  expect(names[1]).not.toBe(names[0])
  for (const name of names) expect(name).toMatch(/^lockstep_[\da-f]{12}$/)
})

test('this checkout is the usual one', () => {
  expect(tablesName('chain')).toBe(tablesName('chain', checkout))
  expect(tablesName('chain')).not.toBe(nameAfter('indexer/schema/work.ts'))
})
