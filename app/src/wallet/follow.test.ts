import {
  type Address,
  type Hash,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
} from 'viem'
import { beforeEach, expect, test } from 'vitest'
import type { ChainClient } from '../data/chain.ts'
import { isOpen, look } from './follow.ts'
import { changePending, forgetPending, type Pending, pendingOf } from './pending.ts'
import { type Sending, sendResolution } from './send.ts'

const CHAIN = 31337
const hashOf = (digit: number): Hash => `0x${String(digit).repeat(64)}`
const FROM: Address = `0x${'51'.repeat(20)}`
const DELPHI: Address = `0x${'09'.repeat(20)}`

/** What a node knows; the rest of a client is not asked for. */
const node = {
  receipt: undefined as { blockNumber: bigint; status: 'success' | 'reverted' } | undefined,
  transaction: undefined as { nonce: number } | undefined,
  count: 0,
  onTransaction: (): unknown => undefined,
}
beforeEach(() => {
  Object.assign(node, { receipt: undefined, transaction: undefined, count: 0 })
  node.onTransaction = () => undefined
})
const client = {
  getTransactionReceipt: ({ hash }: { hash: Hash }) =>
    node.receipt
      ? Promise.resolve(node.receipt)
      : Promise.reject(new TransactionReceiptNotFoundError({ hash })),
  getTransaction: ({ hash }: { hash: Hash }) => {
    node.onTransaction()
    return node.transaction
      ? Promise.resolve(node.transaction)
      : Promise.reject(new TransactionNotFoundError({ hash }))
  },
  getTransactionCount: () => Promise.resolve(node.count),
  getBlockNumber: () => Promise.resolve(7n),
  getBalance: () => Promise.resolve(10n ** 18n),
  estimateFeesPerGas: () => Promise.resolve({ maxFeePerGas: 1n }),
  estimateContractGas: () => Promise.resolve(100_000n),
  simulateContract: () => Promise.resolve({}),
} as unknown as ChainClient

const pending = (over: Partial<Pending>): Pending => ({
  ...{ hash: hashOf(1), from: FROM, to: DELPHI, data: '0x', what: 'Buy', market: '1' },
  ...{ sentAt: 0, sentBlock: 6, nonce: 3, stage: 'sent', ...over },
})

test('what is in a block is done once the index has read that block', async () => {
  node.receipt = { blockNumber: 8n, status: 'success' }
  expect(await look(client, pending({}), 7)).toEqual({ stage: 'mined', block: 8 })
  const mined = pending({ stage: 'mined', block: 8 })
  expect(await look(client, mined, 7)).toBeUndefined()
  expect(await look(client, mined, 8)).toEqual({ stage: 'done', block: 8 })
  // It stays so with an index that starts anew.
  expect(await look(client, pending({ stage: 'done', block: 8 }), -1)).toBeUndefined()
})

test.each(['mined', 'done', 'failed'] as const)(
  'what was %s in a block that is taken back waits again, and may get into another',
  async (stage) => {
    const one = pending({ stage, block: 8 })
    expect(isOpen(one, 9)).toBe(true)
    node.transaction = { nonce: 3 }
    expect(await look(client, one, 9)).toEqual({ stage: 'sent', nonce: 3 })
    node.transaction = undefined
    expect(await look(client, one, 9)).toEqual({ stage: 'lost' })
    node.receipt = { blockNumber: 10n, status: 'success' }
    expect(await look(client, one, 9)).toEqual({ stage: 'mined', block: 10 })
    expect(await look(client, one, 10)).toEqual({ stage: 'done', block: 10 })
  },
)

test('what is deep in the chain, or replaced, is asked for no more', () => {
  expect(isOpen(pending({ stage: 'done', block: 8 }), 8 + 63)).toBe(true)
  expect(isOpen(pending({ stage: 'done', block: 8 }), 8 + 64)).toBe(false)
  expect(isOpen(pending({ stage: 'mined', block: 8 }), 8 + 64)).toBe(true)
  expect(isOpen(pending({ stage: 'sent' }), 1000)).toBe(true)
  expect(isOpen(pending({ stage: 'replaced' }), 9)).toBe(false)
})

const send = () =>
  sendResolution(
    {
      client,
      wallet: { account: { address: FROM }, sendTransaction: () => Promise.resolve(hashOf(1)) },
      config: { chainId: CHAIN, contracts: { delphi: DELPHI } },
      market: 1n,
      onStep: () => undefined,
    } as unknown as Sending,
    'Resolve',
  )

test('what is learned of a transaction does not undo what became of it meanwhile', async () => {
  node.transaction = { nonce: 3 }
  await send()
  expect(pendingOf(CHAIN)).toMatchObject([
    { hash: hashOf(1), stage: 'sent', nonce: 3, sentBlock: 7 },
  ])
  forgetPending(CHAIN, hashOf(1))
  // Speeded up by the wallet before the node has answered.
  node.onTransaction = () => {
    changePending(CHAIN, hashOf(1), { hash: hashOf(2) })
  }
  await send()
  expect(pendingOf(CHAIN).map(({ hash }) => hash)).toEqual([hashOf(2)])
  forgetPending(CHAIN, hashOf(2))
  node.onTransaction = () => {
    changePending(CHAIN, hashOf(1), { stage: 'mined', block: 8 })
  }
  await send()
  expect(pendingOf(CHAIN)).toMatchObject([{ stage: 'mined', block: 8, nonce: 3 }])
})
