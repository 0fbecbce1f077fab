import { expect, test } from 'vitest'
import { DEVNET_ACCOUNTS, DEVNET_DEPLOYER, DEVNET_TREASURY } from '../devnet/accounts.ts'
import type { Devnet } from '../devnet/devnet.ts'

const GAS_PRICE_ORACLE = '0x420000000000000000000000000000000000000F'
const SLASHER_OF = 'abc156b6'
const IS_LOCKER = '2ec63d7c'

const word = (value: bigint | string): string =>
  (typeof value === 'string' ? value.slice(2).toLowerCase() : value.toString(16)).padStart(64, '0')

async function view(devnet: Devnet, to: string, data: string): Promise<bigint> {
  return BigInt((await devnet.rpc.call('eth_call', { to, data }, 'latest')) as string)
}

/** GasPriceOracle.getL1Fee(bytes), in wei. */
export function l1FeeWei(devnet: Devnet, bytes: string): Promise<bigint> {
  const length = BigInt(bytes.length / 2)
  const padded = bytes.padEnd(64 * Math.ceil(bytes.length / 64), '0')
  return view(devnet, GAS_PRICE_ORACLE, `0x49948e0e${word(32n)}${word(length)}${padded}`)
}

/** Bytes that do not compress: a linear congruential sequence. */
export function noise(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 24).toString(16).padStart(2, '0')
  }).join('')
}

/** Tests of what both kinds of devnet have. */
export function theProtocolIsThere(network: () => Devnet): void {
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
