import { BaseError, TransactionNotFoundError, TransactionReceiptNotFoundError } from 'viem'
import type { ChainClient } from '../data/chain.ts'
import { callsIn } from './calls.ts'
import { explain } from './explain.ts'
import type { Pending, Stage } from './pending.ts'
import { TRADING_ABI } from './send.ts'

/** Blocks that are searched for what replaced a transaction. */
const MOST_BLOCKS = 200n

/** A block with so many on top of it is not taken back any more. */
const FINAL_AFTER = 64

/** Whether a transaction may have another fate than it is known to have. */
export const isOpen = ({ stage, block = 0 }: Pending, indexed: number): boolean =>
  stage !== 'replaced' && (!isInBlock(stage) || stage === 'mined' || indexed < block + FINAL_AFTER)

const isInBlock = (stage: Stage): boolean => ['mined', 'done', 'failed'].includes(stage)

/**
 * Where a transaction is now, by its receipt: what was in a block may have been taken back with it. `indexed` is the
 * newest block that the index has read. Undefined if nothing is new.
 */
export async function look(
  client: ChainClient,
  one: Pending,
  indexed: number,
): Promise<Partial<Pending> | undefined> {
  const { hash, from, nonce } = one
  const receipt = await orNothing(client.getTransactionReceipt({ hash }))
  if (receipt !== undefined) {
    const block = Number(receipt.blockNumber)
    // An index that starts anew is behind again; what it had read is done.
    const isRead = block <= indexed || (one.stage === 'done' && one.block === block)
    const stage = receipt.status === 'reverted' ? 'failed' : isRead ? 'done' : 'mined'
    if (stage === one.stage && block === one.block) return undefined
    if (stage !== 'failed') return { stage, block }
    return { stage, block, problem: await reasonOf(client, one, receipt.blockNumber) }
  }
  const transaction = await orNothing(client.getTransaction({ hash }))
  if (transaction !== undefined) {
    const isNew = one.stage !== 'sent' || nonce !== transaction.nonce
    return isNew ? { stage: 'sent', nonce: transaction.nonce } : undefined
  }
  if (nonce !== undefined && (await client.getTransactionCount({ address: from })) > nonce) {
    // Between the two looks it may have been mined itself.
    if ((await orNothing(client.getTransactionReceipt({ hash }))) !== undefined) return undefined
    return replacement(client, one)
  }
  return one.stage === 'lost' ? undefined : { stage: 'lost' }
}

/** What took the place of a transaction: the same once more (speeded up by the wallet), or another one. */
async function replacement(client: ChainClient, one: Pending): Promise<Partial<Pending>> {
  // Not the one that viem keeps for some seconds: what took its place is in the newest.
  const newest = await client.getBlockNumber({ cacheTime: 0 })
  const from = BigInt(Math.max(0, one.sentBlock - 1))
  const first = newest - from > MOST_BLOCKS ? newest - MOST_BLOCKS : from
  for (let number = newest; number >= first; number--) {
    const { transactions } = await client.getBlock({
      blockNumber: number,
      includeTransactions: true,
    })
    const other = transactions.find(
      (tx) => tx.nonce === one.nonce && tx.from.toLowerCase() === one.from.toLowerCase(),
    )
    if (other === undefined) continue
    const isSame = other.to?.toLowerCase() === one.to.toLowerCase() && other.input === one.data
    if (isSame) return { hash: other.hash, stage: 'sent' }
    return {
      stage: 'replaced',
      problem: `The wallet sent another transaction in its place (${other.hash}).`,
    }
  }
  return { stage: 'replaced', problem: 'The account sent another transaction in its place.' }
}

/** Why a mined transaction reverted, told by doing it again on the block before. */
async function reasonOf(client: ChainClient, one: Pending, block: bigint): Promise<string> {
  const calls = callsIn(one.data)
  if (calls === undefined) return 'The token refused it.'
  try {
    await client.simulateContract({
      abi: TRADING_ABI,
      address: one.to,
      functionName: 'multicall',
      args: [calls],
      account: one.from,
      blockNumber: block - 1n,
    })
  } catch (error) {
    const { what, todo } = explain(error)
    return `${what} ${todo}`
  }
  return 'The market had changed, or it ran out of gas. Look at what is shown now and send it again.'
}

async function orNothing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    const isAbsent =
      error instanceof BaseError &&
      error.walk(
        (at) =>
          at instanceof TransactionNotFoundError || at instanceof TransactionReceiptNotFoundError,
      ) !== null
    if (isAbsent) return undefined
    throw error
  }
}
