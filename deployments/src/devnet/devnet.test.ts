import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadDeployment } from '../deployment.ts'
import { deploy } from '../deploy.ts'
import { connectRpc } from '../rpc.ts'
import { DEVNET_ACCOUNTS, DEVNET_DEPLOYER, DEVNET_TREASURY } from './accounts.ts'
import { startAnvil } from './anvil.ts'
import { type Devnet, startDevnet } from './devnet.ts'
import { minedReceipt } from './send.ts'

const GAS_PRICE_ORACLE = '0x420000000000000000000000000000000000000F'
const alice = DEVNET_ACCOUNTS[1]
const bob = DEVNET_ACCOUNTS[2]

const word = (value: bigint | string): string =>
  (typeof value === 'string' ? value.slice(2).toLowerCase() : value.toString(16)).padStart(64, '0')

async function view(devnet: Devnet, to: string, data: string): Promise<bigint> {
  return BigInt((await devnet.rpc.call('eth_call', { to, data }, 'latest')) as string)
}

/** GasPriceOracle.getL1Fee(bytes), in wei. */
function l1FeeWei(devnet: Devnet, bytes: string): Promise<bigint> {
  const length = BigInt(bytes.length / 2)
  const padded = bytes.padEnd(64 * Math.ceil(bytes.length / 64), '0')
  return view(devnet, GAS_PRICE_ORACLE, `0x49948e0e${word(32n)}${word(length)}${padded}`)
}

/** Bytes that do not compress: a linear congruential sequence. */
function noise(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 24).toString(16).padStart(2, '0')
  }).join('')
}

function theProtocolIsThere(network: () => Devnet): void {
  test('every contract has code', async () => {
    for (const address of Object.values(network().deployment.contracts)) {
      expect(String(await network().rpc.call('eth_getCode', address, 'latest'))).toMatch(
        /^0x\w{100,}/,
      )
    }
  })

  test('the registry may lock stake and Verde alone slash it', async () => {
    const { stakeVaultFactory, jobRegistry, verde } = network().deployment.contracts
    const slasher = await view(network(), stakeVaultFactory, `0x${SLASHER_OF}${word(jobRegistry)}`)
    const isLocker = await view(network(), stakeVaultFactory, `0x${IS_LOCKER}${word(jobRegistry)}`)
    expect(slasher).toBe(BigInt(verde))
    expect(isLocker).toBe(1n)
  })

  test('accounts have ether and $AI; the deployer holds the rest', async () => {
    const { token } = network().deployment.contracts
    let sum = 0n
    for (const [index, { address }] of DEVNET_ACCOUNTS.entries()) {
      const balance = await view(network(), token, `0x70a08231${word(address)}`) // balanceOf
      sum += balance
      if (index === DEVNET_TREASURY) expect(balance).toBe(0n)
      else if (index !== DEVNET_DEPLOYER) expect(balance).toBe(1_000_000n * 10n ** 18n)
    }
    expect(sum).toBe(10_000_000_000n * 10n ** 18n)
  })

  test('GasPriceOracle reports the L1 data fee', async () => {
    const small = await l1FeeWei(network(), noise(500))
    const large = await l1FeeWei(network(), noise(1000))
    expect(small).toBeGreaterThan(0n)
    expect(large).toBeGreaterThan((small * 3n) / 2n)
  })
}

const SLASHER_OF = 'abc156b6'
const IS_LOCKER = '2ec63d7c'

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

describe('optimism devnet', () => {
  let devnet: Devnet
  beforeAll(async () => {
    devnet = await startDevnet({ kind: 'optimism', blockSeconds: 0 })
  }, 900_000)
  afterAll(() => devnet.stop())

  theProtocolIsThere(() => devnet)

  test('runs the portable build', () => {
    expect(devnet.deployment.build).toBe('portable')
  })

  test('charges the L1 data fee', async () => {
    const balance = async (): Promise<bigint> =>
      BigInt((await devnet.rpc.call('eth_getBalance', alice.address, 'latest')) as string)
    const data = noise(1000)
    const before = await balance()
    const hash = await devnet.rpc.call('eth_sendTransaction', {
      from: alice.address,
      to: bob.address,
      data: `0x${data}`,
    })
    const receipt = await minedReceipt(devnet.rpc, hash)
    const l2FeeWei = BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice)
    const chargedWei = before - (await balance()) - l2FeeWei
    // The oracle adds 68 bytes for a signature to what it is given; the transaction has some 120 around its data.
    const estimateWei = await l1FeeWei(devnet, data)
    expect(chargedWei).toBeGreaterThan((estimateWei * 9n) / 10n)
    expect(chargedWei).toBeLessThan((estimateWei * 12n) / 10n)
  })

  test('accepts deposit transactions', async () => {
    const fresh = '0x00000000000000000000000000000000000d0e05'
    const hash = await devnet.rpc.call('eth_sendTransaction', {
      type: '0x7e',
      from: alice.address,
      to: fresh,
      value: '0x5',
      mint: '0x5',
      sourceHash: `0x${'11'.repeat(32)}`,
      isSystemTx: false,
      gas: '0x30d40',
    })
    expect(await minedReceipt(devnet.rpc, hash)).toMatchObject({
      type: '0x7E',
      status: '0x1',
    })
    expect(await devnet.rpc.call('eth_getBalance', fresh, 'latest')).toBe('0x5')
  })
})

describe('deploy', () => {
  test('keeps the devnet’s keys off other chains', async () => {
    const anvil = await startAnvil(['--hardfork', 'osaka', '--chain-id', '10'])
    const attempt = deploy({
      rpcUrl: anvil.rpc.url,
      by: { privateKey: alice.privateKey },
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
