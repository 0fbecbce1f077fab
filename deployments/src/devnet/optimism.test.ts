import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEVNET_ACCOUNTS } from './accounts.ts'
import { type Devnet, startDevnet } from './devnet.ts'
import { minedReceipt } from './send.ts'
import { l1FeeWei, noise, theProtocolIsThere } from '../testing/theProtocolIsThere.ts'

// Compiles the contracts a second time, in the portable build.
const [, alice, bob] = DEVNET_ACCOUNTS

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
