import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FAKE_DEPLOYMENT } from '../testing/world.ts'
import { readSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-settings-'))
const file = join(folder, 'deployment.json')
const startBlock = Number(FAKE_DEPLOYMENT.startBlock)
writeFileSync(file, JSON.stringify({ ...FAKE_DEPLOYMENT, startBlock }))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const given = { LOCKSTEP_DEPLOYMENT: file, LOCKSTEP_RPC: 'https://rpc.example/v2/secret' }

test('what is not said, or empty, is as usual', () => {
  const usual = {
    deployment: FAKE_DEPLOYMENT,
    rpcUrl: given.LOCKSTEP_RPC,
    pollingInterval: 500,
    rpcRate: 400,
    home: join('.lockstep', 'indexer', String(FAKE_DEPLOYMENT.chainId)),
  }
  expect(readSettings(given)).toEqual(usual)
  const empty = { LOCKSTEP_POLL_MS: '', LOCKSTEP_RPC_RATE: '', DATABASE_URL: '' }
  expect(readSettings({ ...given, ...empty, LOCKSTEP_INDEXER_HOME: '' })).toEqual(usual)
  expect(readSettings({ ...given, LOCKSTEP_RPC: 'http://[::1]:8545' }).rpcRate).toBe(4_000)
})

test('what is said is taken', () => {
  const said = {
    ...{ LOCKSTEP_POLL_MS: '250', LOCKSTEP_RPC_RATE: '12.5' },
    ...{ LOCKSTEP_INDEXER_HOME: 'elsewhere', DATABASE_URL: 'postgresql:///lockstep' },
  }
  expect(readSettings({ ...given, ...said })).toMatchObject({
    ...{ pollingInterval: 250, rpcRate: 12.5 },
    ...{ home: 'elsewhere', databaseUrl: 'postgresql:///lockstep' },
  })
})

test.each([
  ['LOCKSTEP_RPC', '', 'LOCKSTEP_RPC is not set: name the endpoint of a node'],
  ['LOCKSTEP_RPC', 'localhost', 'LOCKSTEP_RPC is localhost: it wants an http or https URL'],
  ['LOCKSTEP_RPC', 'wss://rpc.example/v2/secret', 'LOCKSTEP_RPC is wss://rpc.example/…: it wants'],
  ['LOCKSTEP_DEPLOYMENT', '', 'LOCKSTEP_DEPLOYMENT is not set: name the file'],
  ...['x', '0', '-1', 'Infinity', '100001'].map((text) => [
    'LOCKSTEP_RPC_RATE',
    text,
    `LOCKSTEP_RPC_RATE is "${text}": it wants a number from 1 to 100000`,
  ]),
  ...['x', '0', 'NaN', '3600001'].map((text) => [
    'LOCKSTEP_POLL_MS',
    text,
    `LOCKSTEP_POLL_MS is "${text}": it wants a number from 1 to 3600000`,
  ]),
])('%s is refused as %j', (name, text, message) => {
  const attempt = (): unknown => readSettings({ ...given, [name]: text })
  expect(attempt).toThrow(expect.objectContaining({ code: 'badSettings' }))
  expect(attempt).toThrow(message)
})

test('a chain is named by its id', () => {
  expect(() => readSettings({ ...given, LOCKSTEP_DEPLOYMENT: '123456789' })).toThrow(
    'no deployment on chain 123456789 is known',
  )
})
