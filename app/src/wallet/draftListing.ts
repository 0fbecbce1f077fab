import { lmsr, quoteListing } from '@lockstep/deployments/protocol'
import { mostPaid, type Settings } from './draft.ts'
import { type ChainMarket, isTrading } from './readMarket.ts'

/** The contest's next entrant as an outcome: $AI wei. */
export interface ListingOrder {
  /** Its number, among the entrants as among the outcomes. */
  readonly outcome: number
  /** No fee is taken. */
  readonly cost: bigint
  /** What is paid at most. */
  readonly maxCost: bigint
}

/** Why nothing can be listed of a contest with so many entrants; undefined if its next one can. */
export function whyNotListed(market: ChainMarket, entrants: bigint): string | undefined {
  const outcomes = market.quantities.length
  if (!isTrading(market)) return 'Trading has ended: nothing is listed any more.'
  if (market.isHalted) return 'Governance has halted this market: nothing is listed.'
  if (outcomes >= lmsr.MAX_OUTCOMES)
    return `The market has ${outcomes} outcomes, and can have no more.`
  if (outcomes >= entrants) return 'All entrants of the contest are outcomes.'
  return undefined
}

/** Quotes the listing of the next entrant against the chain's state; a text says why there is none. */
export function draftListing(
  market: ChainMarket,
  entrants: bigint,
  { slippageBps }: Settings,
): ListingOrder | string {
  const problem = whyNotListed(market, entrants)
  if (problem !== undefined) return problem
  const cost = quoteListing(market)
  const maxCost = mostPaid(market, cost, slippageBps)
  return { outcome: market.quantities.length, cost, maxCost }
}
