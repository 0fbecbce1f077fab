import { type LiquidityQuote, LmsrError, quoteLiquidity } from '@lockstep/deployments/protocol'
import { WEI } from '../format/number.ts'
import { mostPaid, parseTyped, type Settings } from './draft.ts'
import type { ChainMarket } from './readMarket.ts'

/** Liquidity that can be added: $AI wei. */
export interface LiquidityOrder {
  readonly quote: LiquidityQuote
  /** The market's b afterwards. */
  readonly b: bigint
  /** What is paid at most. */
  readonly maxCost: bigint
}

/** Quotes what is typed, $AI by which b is to grow, against the chain's state; a text says why it cannot be. */
export function draftLiquidity(
  market: ChainMarket,
  text: string,
  { slippageBps }: Settings,
): LiquidityOrder | string | undefined {
  const typed = parseTyped(text, WEI)
  if (typeof typed === 'string') return typed
  if (typed === undefined || typed === 0n) return undefined
  const b = market.curve.b + typed
  try {
    const quote = quoteLiquidity(market, b)
    return { quote, b, maxCost: mostPaid(market, quote.cost, slippageBps) }
  } catch (error) {
    if (error instanceof LmsrError)
      return 'That is more liquidity than a market can have: a thousand million $AI.'
    throw error
  }
}
