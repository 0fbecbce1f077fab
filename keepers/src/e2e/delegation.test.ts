import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readVault } from '../chain/jobs.ts'
import { lockstep } from '../testing/command-line.ts'
import { TestNetwork } from '../testing/network.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

test('a delegator puts $AI into a vault, asks for a part and for the rest, and has all of it back', async () => {
  const { address: vault } = (await readVault(network.contracts, network.address('solver')))!
  const env = {
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: mkdtempSync(join(network.folder, 'delegator-')),
    LOCKSTEP_PRIVATE_KEY: network.privateKey('other'),
    LOCKSTEP_VAULT: vault,
  }
  const before = await network.balanceAi('other')
  const run = async (...args: string[]) => {
    const { exit, out, err } = await lockstep([...args, '--json'], env)
    const json = JSON.parse(out) as { leavingUntil?: number }
    return { exit, err, ...json }
  }
  expect(await run('delegate', '--amount', '12.5')).toMatchObject({
    exit: 0,
    vault,
    account: network.address('other'),
    amount: '12.5',
    delegated: '12.5',
    leaving: '0',
    redeemable: '0',
  })
  expect(before - (await network.balanceAi('other'))).toBe(parseEther('12.5'))
  expect(await run('undelegate', '--amount', '13')).toMatchObject({
    exit: 5,
    error: { code: 'too-little-stake' },
  })
  expect(await run('redeem')).toMatchObject({
    exit: 5,
    error: { message: expect.stringContaining('lockstep undelegate') as string },
  })
  expect(await run('undelegate', '--amount', '2')).toMatchObject({
    exit: 0,
    delegated: '10.5',
    leaving: '2',
    redeemable: '0',
  })
  const waiting = await run('undelegate', '--amount', '10.5')
  expect(waiting).toMatchObject({ exit: 0, delegated: '0', leaving: '12.5' })
  expect(await run('redeem')).toMatchObject({
    exit: 5,
    error: { message: expect.stringContaining(String(waiting.leavingUntil)) as string },
  })
  const { time } = await network.contracts.chain.head()
  const wait = Number(waiting.leavingUntil) - Number(time) + 1
  await network.devnet.rpc.call('evm_increaseTime', wait)
  await network.devnet.rpc.call('evm_mine')
  expect(await run('redeem')).toMatchObject({
    exit: 0,
    amount: '12.5',
    delegated: '0',
    leaving: '0',
    redeemable: '0',
  })
  expect(await network.balanceAi('other')).toBe(before)
}, 120_000)

test('a delegator says whose vault, and has what it delegates', async () => {
  const env = {
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: mkdtempSync(join(network.folder, 'delegator-')),
    LOCKSTEP_PRIVATE_KEY: network.privateKey('other'),
  }
  expect(await lockstep(['delegate', '--amount', '1'], env)).toMatchObject({
    exit: 2,
    err: expect.stringContaining('--vault') as string,
  })
  const { address: vault } = (await readVault(network.contracts, network.address('solver')))!
  const much = ['delegate', '--vault', vault, '--amount', '1000000000000']
  expect(await lockstep(much, env)).toMatchObject({ exit: 5 })
})
