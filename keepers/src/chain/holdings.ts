import { judgeAbi } from '@lockstep/deployments'
import { lmsr } from '@lockstep/deployments/protocol'
import { type Address, isAddressEqual } from 'viem'
import type { Standing } from '../delphi/beliefs.ts'
import type { Holding } from '../delphi/exposure.ts'
import type { Head } from './connect.ts'
import type { Contracts } from './contracts.ts'
import { MONEY_EVENTS } from './history.ts'
import { type Market, type MarketTerms, readPosition } from './markets.ts'

/**
 * What an account paid into each market in which it ever did anything, less what it received from it, $AI wei: out of
 * the events, so that nothing has to be remembered. Fees that it collected are not in it: they are earned, not traded.
 */
export async function readPaid(
  { history, trades }: Contracts,
  account: Address,
  to: bigint,
): Promise<Map<bigint, bigint>> {
  const paid = new Map<bigint, bigint>()
  const isOwn = (address: Address) => isAddressEqual(address, account)
  const count = (market: bigint, by: Address, amount: bigint) => {
    if (isOwn(by)) paid.set(market, (paid.get(market) ?? 0n) + amount)
  }
  for (const { args } of await history.events('MarketCreated', {}, to)) {
    count(args.market, args.creator, args.subsidy)
  }
  for (const event of await trades.events(MONEY_EVENTS, {}, to)) {
    const { market } = event.args
    switch (event.eventName) {
      case 'Traded':
        count(market, event.args.trader, event.args.cost)
        break
      case 'SetsMinted':
        count(market, event.args.owner, event.args.sets * lmsr.WEI_PER_SHARE)
        break
      case 'SetsBurned':
        count(market, event.args.owner, -event.args.sets * lmsr.WEI_PER_SHARE)
        break
      case 'LiquidityAdded':
        count(market, event.args.provider, event.args.cost)
        break
      case 'OutcomeListed':
        count(market, event.args.payer, event.args.cost)
        break
      case 'Redeemed':
      case 'LiquidityRedeemed':
        count(market, event.args.owner, -event.args.paid)
    }
  }
  return paid
}

/** What an account has in a market as it stood at `head`, and what may become of it. Liquidity counts as nothing. */
export async function readHolding(
  contracts: Contracts,
  market: Market,
  account: Address,
  paid: bigint,
  head: Head,
): Promise<Holding> {
  const outcomes = market.quantities.length
  const [{ shares }, grows] = await Promise.all([
    readPosition(contracts, market.id, outcomes, account, head.number),
    canGrow(contracts, market, head),
  ])
  const pays = paysOf(market)
  return {
    market: market.id,
    paid,
    shares,
    canGrow: grows,
    ...(pays === undefined ? {} : { pays }),
  }
}

/** What 1e-9 share of each outcome of a resolved market pays, in 1e-9 wei. */
function paysOf({ status, winners, refunds, quantities }: Market): bigint[] | undefined {
  if (status === 'void') return refunds.map((refund) => refund)
  if (status !== 'settled') return undefined
  const each = (lmsr.WEI_PER_SHARE / BigInt(winners.length)) * lmsr.WEI_PER_SHARE
  return [...quantities.keys()].map((outcome) => (winners.includes(outcome) ? each : 0n))
}

/** Whether another outcome can still be listed. Of a contest that is not the Judge's nobody knows when entries close. */
async function canGrow(
  { chain, judge }: Contracts,
  { status, terms, quantities }: Market,
  { time, number }: Head,
): Promise<boolean> {
  const isOver = status !== 'open' || time > BigInt(terms.closesAt)
  if (isOver || quantities.length === lmsr.MAX_OUTCOMES) return false
  if (!isAddressEqual(terms.source, judge)) return true
  const { entrants, maxEntrants, entriesClose } = await chain.client.readContract({
    abi: judgeAbi,
    address: judge,
    functionName: 'contests',
    args: [terms.contest],
    blockNumber: number,
  })
  const isClosed = time > BigInt(entriesClose) || entrants >= maxEntrants
  return !isClosed || entrants > quantities.length
}

/** The scores so far of a market's contest, if it is the Judge's: of each outcome, and how many rounds there are. */
export async function readStandings(
  { chain, judge }: Contracts,
  { source, contest }: MarketTerms,
  outcomes: number,
): Promise<{ standings: Standing[]; rounds: number } | undefined> {
  if (!isAddressEqual(source, judge)) return undefined
  const ask = { abi: judgeAbi, address: judge } as const
  const [{ rounds }, standings] = await Promise.all([
    chain.client.readContract({ ...ask, functionName: 'contests', args: [contest] }),
    chain.client.multicall({
      contracts: Array.from({ length: outcomes }, (_, i) => ({
        ...ask,
        functionName: 'entrantOf' as const,
        args: [contest, BigInt(i)] as const,
      })),
      deployless: true,
      batchSize: 4096,
      allowFailure: false,
    }),
  ])
  return { standings: standings.map(({ scored, total }) => ({ scored, total })), rounds }
}
