import { lmsr } from '@lockstep/deployments/protocol'
import { exact, SHARES } from '../format/number.ts'
import { parseTyped } from './draft.ts'
import { type ChainMarket, isTrading } from './readMarket.ts'

/** Complete sets that can be made or given back: 1e-9 share of every outcome each. */
export interface SetsOrder {
  readonly functionName: 'mintSets' | 'burnSets'
  readonly sets: bigint
  /** $AI wei that they cost or bring: no price moves, and no fee is taken. */
  readonly amount: bigint
}

/** Sets of which an account has every share. */
export const setsOf = ({ own }: ChainMarket): bigint | undefined =>
  own?.shares.reduce((least, of) => (of < least ? of : least))

/** Sets that an account can give back: no more than are in circulation, whoever made them. */
export function setsBack(market: ChainMarket): bigint | undefined {
  const has = setsOf(market)
  return has === undefined || has < market.sets ? has : market.sets
}

/** What is typed, as sets to make or to give back; a text says why it cannot be. */
export function draftSets(
  market: ChainMarket,
  functionName: SetsOrder['functionName'],
  text: string,
): SetsOrder | string | undefined {
  const sets = parseTyped(text, SHARES)
  if (typeof sets === 'string') return sets
  if (sets === undefined || sets === 0n) return undefined
  const problem =
    functionName === 'mintSets' ? whyNotMade(market, sets) : whyNotGivenBack(market, sets)
  return problem ?? { functionName, sets, amount: sets * lmsr.WEI_PER_SHARE }
}

const whyNotMade = (market: ChainMarket, sets: bigint): string | undefined =>
  sets > lmsr.limit(market.curve.b) - market.sets
    ? 'That is more than the market’s curve can hold.'
    : undefined

function whyNotGivenBack(market: ChainMarket, sets: bigint): string | undefined {
  const has = setsOf(market)
  if (has !== undefined && sets > has)
    return `You have ${exact(has, SHARES)} complete sets, not ${exact(sets, SHARES)}.`
  if (sets <= market.sets) return undefined
  const instead = isTrading(market)
    ? 'sell the other shares instead'
    : 'the other shares are redeemed when the market is resolved'
  return `Only ${exact(market.sets, SHARES)} sets were made and not given back; ${instead}.`
}
