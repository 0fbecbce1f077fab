import { quoteBuyFor, quoteSell } from '@lockstep/deployments/protocol'
import type { Address } from 'viem'
import { parseEther, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { readMarket } from '../chain/markets.ts'
import { buyFor, createMarket, sell, type Trader } from '../chain/trading.ts'
import { createLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import type { Actor, TestNetwork } from './network.ts'
import { StubContest } from './stub-contest.ts'

const PATIENCE = { slippageBps: 100, deadlineSeconds: 600 }
let serial = 0

/** Who trades as an actor, with what a role has. */
export function traderOf(network: TestNetwork, actor: Actor) {
  return {
    contracts: network.contracts,
    sender: network.sender(actor),
    account: privateKeyToAccount(network.privateKey(actor)),
    log: createLog(process.env['LOCKSTEP_TEST_LOG'] ?? 'silent', actor),
    metrics: new Metrics(actor),
  }
}

/** A market of an actor on a contest that says what the test wants; trading ends after so many seconds. */
export async function newMarket(
  network: TestNetwork,
  trader: Trader,
  options: {
    entrants?: number
    owners?: readonly Address[]
    b?: string
    seconds?: bigint
    feeBps?: number
  } = {},
): Promise<{ id: bigint; contest: StubContest; closesAt: number }> {
  const { entrants = 2, owners = [], b = '100', seconds = 5_000n, feeBps = 100 } = options
  const contest = await StubContest.place(network.devnet, 1000 + serial++)
  const closesAt = (await network.contracts.chain.head()).time + seconds
  await contest.says({ entrants, secretUntil: closesAt, decidedBy: closesAt + 500n, owners })
  const terms = {
    ...{
      source: contest.address,
      contest: 1n,
      b: parseEther(b),
      feeBps,
      creatorBps: 3_000,
      modelBps: 2_000,
    },
    ...{
      closesAt: Number(closesAt),
      voidsAt: Number(closesAt) + 500,
      rules: zeroHash,
      metadata: zeroHash,
    },
  }
  const { market } = await createMarket(trader, { terms, maxSubsidy: parseEther('1000') })
  return { id: market, contest, closesAt: Number(closesAt) }
}

/** Spends so much $AI on an outcome. */
export async function spend(
  trader: Trader,
  id: bigint,
  outcome: number,
  amount: string,
): Promise<bigint> {
  const { number } = await trader.contracts.chain.head()
  const quote = quoteBuyFor(
    await readMarket(trader.contracts, id, number),
    outcome,
    parseEther(amount),
  )!
  return (await buyFor(trader, id, quote, parseEther(amount), PATIENCE)).shares
}

/** Sells so many shares of an outcome. */
export async function unload(
  trader: Trader,
  id: bigint,
  outcome: number,
  shares: bigint,
): Promise<void> {
  const { number } = await trader.contracts.chain.head()
  const quote = quoteSell(await readMarket(trader.contracts, id, number), outcome, shares)
  await sell(trader, id, quote, PATIENCE)
}

/** Lets time pass on the chain. */
export async function pass(network: TestNetwork, seconds: number): Promise<void> {
  await network.devnet.rpc.call('evm_increaseTime', seconds)
  await network.devnet.rpc.call('evm_mine')
}
