import { aiTokenAbi } from '@lockstep/deployments'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Address, parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transact } from '../chain/transact.ts'
import { controlChain } from '../testing/chain.ts'
import { TestNetwork } from '../testing/network.ts'

const LOCKSTEP = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))
const PASSPHRASE = 'correct horse battery'

let network: TestNetwork
let folder: string

beforeAll(async () => {
  network = await TestNetwork.start()
  folder = mkdtempSync(join(tmpdir(), 'lockstep-setup-'))
}, 900_000)

afterAll(async () => {
  await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
}

/** A command as somebody types it in a shell of their own, with --json. */
async function lockstep(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Answer> {
  const strange = Object.keys(process.env).filter((name) => name.startsWith('LOCKSTEP_'))
  const clean = Object.fromEntries(strange.map((name) => [name, '']))
  const options = { cwd: folder, env: { ...process.env, ...clean, ...env }, timeout: 120_000 }
  const run = promisify(execFile)(process.execPath, [LOCKSTEP, ...args, '--json'], options)
  const { code, stdout } = await run.then(
    (done) => ({ code: 0, ...done }),
    (error: unknown) => error as { code: number; stdout: string },
  )
  return { status: code, json: JSON.parse(stdout) as Answer['json'] }
}

interface Finding {
  readonly name: string
  readonly verdict: string
  readonly advice?: string
}
const verdicts = ({ json }: Answer): Record<string, string> =>
  Object.fromEntries((json['checks'] as Finding[]).map(({ name, verdict }) => [name, verdict]))

test('init, doctor and a role: from nothing to a solver, on a devnet found by its port', async () => {
  writeFileSync(join(folder, 'passphrase'), `${PASSPHRASE}\n`)
  const { rpcUrl } = network.devnet
  const flags = ['--rpc', rpcUrl, '--serve-port', '0', '--key-passphrase-file', 'passphrase']
  const made = await lockstep(['init', '--yes', '--home', 'keeper', '--role', 'solver', ...flags])
  expect(made).toMatchObject({ status: 0, json: { role: 'solver' } })
  const { config, keyFile, address } = made.json as Record<string, string>
  for (const path of [config, keyFile]) expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(keyFile, 'utf8')).toContain('"kdf": "scrypt"')
  expect(made.json['next']).toEqual([
    'npx lockstep doctor --home keeper',
    'npx lockstep stake --amount 20000 --home keeper',
    'npx lockstep solver --home keeper',
  ])
  const again = await lockstep(['init', '--yes', '--home', 'keeper', '--unencrypted'])
  expect(again).toMatchObject({ status: 8, json: { error: { code: 'already-there' } } })

  const poor = await lockstep(['doctor', '--home', 'keeper'])
  expect(poor.status).toBe(6)
  expect(verdicts(poor)).toMatchObject({
    ...{ node: 'ok', WebAssembly: 'ok', home: 'ok', 'key file': 'ok', RPC: 'ok' },
    ...{ contracts: 'ok', account: 'ok', gas: 'failed', stake: 'warning' },
  })

  const { test: control } = controlChain(rpcUrl)
  await control.setBalance({ address: address as Address, value: parseEther('10') })
  const { token } = network.contracts
  await transact(network.sender('other'), 'pay', {
    abi: aiTokenAbi,
    address: token,
    functionName: 'transfer',
    args: [address as Address, parseEther('30000')],
  })
  expect(await lockstep(['stake', '--amount', '20000', '--home', 'keeper'])).toMatchObject({
    status: 0,
    json: { operator: address, free: '20000' },
  })
  const rich = await lockstep(['doctor', '--home', 'keeper'])
  expect([rich.status, verdicts(rich)['gas'], verdicts(rich)['stake']]).toEqual([0, 'ok', 'ok'])
  expect(await lockstep(['solver', '--once', '--home', 'keeper'])).toMatchObject({ status: 0 })

  const shown = await lockstep(['config', '--home', 'keeper', 'solver', '--min-reward', '5'], {
    LOCKSTEP_MAX_STEPS: '7',
    LOCKSTEP_KEY_PASSPHRASE: 'x',
    LOCKSTEP_RPC_RATE: '50',
    LOCKSTEP_MAX_STEP: '7',
  })
  const settings = shown.json['settings'] as { name: string; value: unknown; source: object }[]
  const of = (name: string) => settings.find((one) => one.name === name)
  expect(of('rpc')).toMatchObject({ value: rpcUrl, source: { kind: 'file' } })
  expect(of('maxSteps')).toMatchObject({
    source: { kind: 'environment', name: 'LOCKSTEP_MAX_STEPS' },
  })
  expect(of('minReward')).toMatchObject({
    value: '5',
    source: { kind: 'flag', name: '--min-reward' },
  })
  expect(of('backend')).toMatchObject({ value: 'auto', source: { kind: 'default' } })
  expect(shown.json['secrets']).toEqual([
    { variable: 'LOCKSTEP_PRIVATE_KEY', isSet: false },
    { variable: 'LOCKSTEP_KEY_PASSPHRASE', isSet: true },
  ])
  expect(shown.json['indexerVariables']).toEqual(['LOCKSTEP_RPC_RATE'])
  expect(shown.json['unknownVariables']).toEqual([
    { name: 'LOCKSTEP_MAX_STEP', meant: 'LOCKSTEP_MAX_STEPS' },
  ])
}, 240_000)

test('an endpoint that never answers does not hold doctor up', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const began = performance.now()
  const told = await lockstep(['doctor', '--rpc', url, '--indexer', url, '--timeout-seconds', '1'])
  expect(performance.now() - began).toBeLessThan(20_000)
  expect(told.status).toBe(6)
  expect(verdicts(told)).toMatchObject({ RPC: 'failed', contracts: 'failed', indexer: 'failed' })
  for (const { verdict, advice } of told.json['checks'] as Finding[])
    expect(verdict === 'ok' || verdict === 'skipped' || advice !== undefined).toBe(true)
  silent.close()
})
