import {
  formatShares,
  LmsrError,
  parseShares,
  type Quote,
  quoteBuy,
  quoteBuyFor,
  quoteSell,
  quoteSellFor,
} from '@lockstep/deployments/protocol'
import { parseEther } from 'viem'
import { readOwners } from '../chain/contest-word.ts'
import { type Market, marketName, readPosition } from '../chain/markets.ts'
import { headSince, type Trader } from '../chain/trading.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { phaseOf } from './market-text.ts'

/** What a trade is of: an outcome, and so many shares or so much $AI. */
export const AMOUNTS = ['outcome', 'shares', 'budget'] as const satisfies SettingName[]
type Amounts = Values<(typeof AMOUNTS)[number]>

/** The outcome that a person names by its number or by its entrant's owner. */
export async function findOutcome(
  { contracts }: Pick<Trader, 'contracts'>,
  market: Market,
  text: string,
): Promise<number> {
  const outcomes = market.quantities.length
  const where = `market ${marketName(market.id)}`
  if (!text.startsWith('0x')) {
    if (Number(text) < outcomes) return Number(text)
    throw fail.notFound({
      what: `there is no outcome ${text}: they are 0 to ${outcomes - 1}`,
      where,
      advice:
        'lockstep market show lists them; a new entrant has to be listed first (market enter)',
    })
  }
  const owners = await readOwners(contracts, market.terms, outcomes)
  const found = [...owners.keys()].filter((i) => owners[i]?.toLowerCase() === text.toLowerCase())
  if (found.length === 1) return found[0]
  throw fail.notFound({
    what:
      found.length === 0
        ? `no outcome is owned by ${text}`
        : `outcomes ${found.join(', ')} are owned by ${text}`,
    where,
    advice: 'name the outcome by its number: lockstep market show lists them',
  })
}

export function checkTrading(market: Market, time: bigint, isSale: boolean): void {
  const phase = phaseOf(market, time)
  const where = `market ${marketName(market.id)}`
  if (phase !== 'trading') {
    throw fail.tooLate({
      what:
        phase === 'waiting' ? `trading ended at second ${market.terms.closesAt}` : `it is ${phase}`,
      where,
      advice:
        phase === 'waiting' ? 'wait for its settlement: market settle' : 'redeem: market redeem',
    })
  }
  if (market.isHalted && !isSale) {
    throw fail.negative({
      what: 'governance has stopped buying in it',
      where,
      advice: 'selling is possible, and redeeming after its end',
    })
  }
}

export function quoteOf(
  market: Market,
  outcome: number,
  amounts: Amounts,
  side: Quote['side'],
): Quote {
  const { shares, budget } = amounts
  if ((shares === undefined) === (budget === undefined)) {
    throw fail.badSetting({
      what: shares === undefined ? 'there is no amount' : 'there are two amounts',
      where: 'flags --shares <shares> and --budget <$AI>',
      advice: 'give one of them',
    })
  }
  return speaking(() => {
    if (shares !== undefined) {
      const quote = side === 'buy' ? quoteBuy : quoteSell
      return quote(market, outcome, parseShares(shares))
    }
    const quote = side === 'buy' ? quoteBuyFor : quoteSellFor
    const found = quote(market, outcome, parseEther(budget!))
    if (found !== undefined) return found
    throw fail.refused({
      what:
        side === 'buy'
          ? `${budget} $AI buy no share of outcome ${outcome}`
          : `no number of shares of outcome ${outcome} sells for ${budget} $AI`,
      where: `market ${marketName(market.id)}`,
      advice: side === 'buy' ? 'spend more' : 'ask for less',
    })
  })
}

/** What the contract refuses of amounts, as an error of the command line. */
export function speaking<T>(act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (!(cause instanceof LmsrError)) throw cause
    const advice =
      cause.refusal === 'NoShares'
        ? 'trade more than none'
        : 'take another amount: lockstep market show says b'
    throw fail.refused({ what: cause.message, where: `LMSR_${cause.refusal}`, advice }, { cause })
  }
}

export async function checkShares(trader: Trader, market: Market, quote: Quote): Promise<void> {
  const { contracts, sender } = trader
  const { number } = await headSince(trader)
  const outcomes = market.quantities.length
  const { shares } = await readPosition(contracts, market.id, outcomes, sender.address, number)
  const own = shares[quote.outcome]
  if (own >= quote.shares) return
  throw fail.funds({
    what: `${formatShares(own)} shares of outcome ${quote.outcome}, ${formatShares(quote.shares)} are to be sold`,
    where: `account ${sender.address}, market ${marketName(market.id)}`,
    advice: 'sell less or buy more',
  })
}
