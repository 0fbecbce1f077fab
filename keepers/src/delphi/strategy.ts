import {
  lessSlippage,
  lmsr,
  type Pricing,
  type Quote,
  quoteBuy,
  quoteSell,
  WAD,
  withSlippage,
} from '@lockstep/deployments/protocol'
import type { Holding } from './exposure.ts'
import { worstLoss } from './exposure.ts'

/** Within what a strategy trades. Amounts are $AI wei, the edge 1e-18 $AI a share. */
export interface Bounds {
  /** The most that may be lost in this market, the worst case: what others may lose is taken off before. */
  readonly maxLoss: bigint
  /** The most that one purchase may cost, its slippage included, and one sale is to bring. */
  readonly maxTrade: bigint
  readonly minEdge: bigint
  readonly slippageBps: number
}

// Less than this is not worth a transaction: 0.01 share.
const LEAST_SHARES = 10n ** 7n
const ALL = 10_000n

/**
 * The trade with the most to gain by the beliefs: it moves the price of one outcome towards where the next share, with
 * its fee, would be worth `minEdge` less than believed. Undefined if none is worth it within the bounds: the loss limit
 * is kept whatever the trade comes to within its slippage.
 */
export function bestTrade(
  pricing: Pricing,
  holding: Holding,
  beliefs: readonly (bigint | undefined)[],
  bounds: Bounds,
): Quote | undefined {
  let best: { quote: Quote; gain: bigint } | undefined
  for (const outcome of pricing.quantities.keys()) {
    const belief = beliefs[outcome]
    if (belief === undefined) continue
    const quote =
      towards(pricing, holding, outcome, belief, bounds) ??
      away(pricing, holding, outcome, belief, bounds)
    if (quote === undefined) continue
    const worth = (belief * quote.shares) / lmsr.WEI_PER_SHARE
    const gain = quote.side === 'buy' ? worth - quote.amount : quote.amount - worth
    if (gain > (best?.gain ?? 0n)) best = { quote, gain }
  }
  return best?.quote
}

/** As much of the largest holding as can be sold within the loss limit; undefined if nothing is left. */
export function sellBack(pricing: Pricing, holding: Holding, bounds: Bounds): Quote | undefined {
  const order = [...holding.shares.keys()].sort((a, b) =>
    holding.shares[a] < holding.shares[b] ? 1 : -1,
  )
  for (const outcome of order) {
    const own = holding.shares[outcome]
    if (own === 0n) return undefined
    const quote = largest(pricing, holding, 'sell', outcome, own, bounds)
    if (quote !== undefined && quote.amount > 0n) return quote
  }
  return undefined
}

/** Buys what is dearer by the belief than by the price and the fee. */
function towards(
  pricing: Pricing,
  holding: Holding,
  outcome: number,
  belief: bigint,
  bounds: Bounds,
): Quote | undefined {
  const target = ((belief - bounds.minEdge) * ALL) / (ALL + BigInt(pricing.feeBps))
  const shares = sharesTo(pricing, outcome, target)
  if (shares < LEAST_SHARES) return undefined
  return worthIt(largest(pricing, holding, 'buy', outcome, shares, bounds, bounds.maxTrade))
}

/** Sells what is cheaper by the belief. */
function away(
  pricing: Pricing,
  holding: Holding,
  outcome: number,
  belief: bigint,
  bounds: Bounds,
): Quote | undefined {
  const target = ((belief + bounds.minEdge) * ALL) / (ALL - BigInt(pricing.feeBps))
  const own = holding.shares[outcome]
  const shares = -sharesTo(pricing, outcome, target)
  const most = shares < own ? shares : own
  if (most < LEAST_SHARES) return undefined
  return worthIt(largest(pricing, holding, 'sell', outcome, most, bounds, bounds.maxTrade))
}

const worthIt = (quote: Quote | undefined): Quote | undefined =>
  quote !== undefined && quote.shares >= LEAST_SHARES ? quote : undefined

/** Shares to buy (negative: to sell) for a price; none where no quantity has it. */
function sharesTo({ curve, quantities }: Pricing, outcome: number, target: bigint): bigint {
  if (target <= 0n || target >= WAD) return 0n
  const to = lmsr.quantityForPrice(curve, quantities[outcome], target)
  if (to === undefined) return 0n
  const bound = lmsr.limit(curve.b)
  return (to < -bound ? -bound : to > bound ? bound : to) - quantities[outcome]
}

/**
 * The largest part of a trade that keeps the loss limit and pays no more than `maxAmount`, whatever its slippage, or is
 * quoted to bring no more. The loss is a convex function of the shares, so what keeps a bound is what lies below one
 * number.
 */
function largest(
  pricing: Pricing,
  holding: Holding,
  side: Quote['side'],
  outcome: number,
  shares: bigint,
  bounds: Bounds,
  maxAmount?: bigint,
): Quote | undefined {
  const quote = (part: bigint) => (side === 'buy' ? quoteBuy : quoteSell)(pricing, outcome, part)
  const before = worstLoss(holding)
  // What is beyond the limit already may only get better.
  const bound = before > bounds.maxLoss ? before - 1n : bounds.maxLoss
  const fits = (candidate: Quote) =>
    (maxAmount === undefined || mostOf(candidate, bounds.slippageBps) <= maxAmount) &&
    worstLoss(after(holding, candidate, bounds.slippageBps)) <= bound
  const whole = quote(shares)
  if (fits(whole)) return whole
  let [low, high] = [0n, shares]
  let found: Quote | undefined
  while (high - low > 1n + high / 1_000n) {
    const middle = (low + high) / 2n
    const candidate = quote(middle)
    if (fits(candidate)) {
      found = candidate
      low = middle
    } else high = middle
  }
  return found
}

/** What a purchase may cost at most; of a sale what it is to bring. */
const mostOf = ({ side, amount }: Quote, slippageBps: number): bigint =>
  side === 'buy' ? withSlippage(amount, slippageBps) : amount

/** A holding behind a trade that comes out as badly as its slippage allows. */
export function after(holding: Holding, quote: Quote, slippageBps: number): Holding {
  const { side, outcome, shares, amount } = quote
  const sign = side === 'buy' ? 1n : -1n
  const paid =
    side === 'buy' ? withSlippage(amount, slippageBps) : -lessSlippage(amount, slippageBps)
  return {
    ...holding,
    paid: holding.paid + paid,
    shares: holding.shares.with(outcome, holding.shares[outcome] + sign * shares),
  }
}
