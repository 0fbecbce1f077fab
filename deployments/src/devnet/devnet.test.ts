import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDeployment } from '../deployment.ts'
import { deploy } from '../deploy.ts'
import { connectRpc } from '../rpc.ts'
import { DEVNET_ACCOUNTS, DEVNET_DEPLOYER } from './accounts.ts'
import { startAnvil } from './anvil.ts'
import { type Devnet, startDevnet } from './devnet.ts'
import { theProtocolIsThere } from '../testing/theProtocolIsThere.ts'

describe('devnet', () => {
  let devnet: Devnet
  beforeAll(async () => {
    devnet = await startDevnet({ blockSeconds: 0 })
  }, 900_000)
  afterAll(() => devnet.stop())

  theProtocolIsThere(() => devnet)

  test('runs the opcode build', () => {
    expect(devnet.deployment.build).toBe('opcode')
    expect(devnet.deployment.chainId).toBe(31337)
  })

  test('deploying again changes nothing', async () => {
    const before = await devnet.rpc.call('eth_blockNumber')
    const again = await deploy({
      rpcUrl: devnet.rpcUrl,
      by: { privateKey: DEVNET_ACCOUNTS[DEVNET_DEPLOYER].privateKey },
      output: devnet.deploymentFile,
    })
    expect(again).toEqual(devnet.deployment)
    expect(loadDeployment(devnet.deploymentFile)).toEqual(devnet.deployment)
    expect(await devnet.rpc.call('eth_blockNumber')).toBe(before)
  }, 120_000)
})

describe('deploy', () => {
  test('keeps the devnet’s keys off other chains', async () => {
    const anvil = await startAnvil(['--hardfork', 'osaka', '--chain-id', '10'])
    const attempt = deploy({
      rpcUrl: anvil.rpc.url,
      by: { privateKey: DEVNET_ACCOUNTS[1].privateKey },
      input: new URL('../../../script/input/31337.json', import.meta.url).pathname,
    })
    await expect(attempt).rejects.toMatchObject({
      code: 'forgeFailed',
      message: expect.stringContaining('DevnetKeys_PublicKey') as string,
    })
    expect(await connectRpc(anvil.rpc.url).call('eth_blockNumber')).toBe('0x0')
    await anvil.stop()
  }, 300_000)

  test('wants the example filled in before it is used', async () => {
    const anvil = await startAnvil(['--hardfork', 'osaka', '--chain-id', '10'])
    const attempt = deploy({ rpcUrl: anvil.rpc.url, by: { privateKey: `0x${'11'.repeat(32)}` } })
    await expect(attempt).rejects.toMatchObject({
      code: 'forgeFailed',
      message: expect.stringContaining('Input_Missing') as string,
    })
    await anvil.stop()
  }, 300_000)
})
