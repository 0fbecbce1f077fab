import * as lmsr from './lmsr.ts'

/** What a market's prices follow from. */
export interface Pricing {
  readonly curve: lmsr.Curve
  readonly quantities: readonly bigint[]
  readonly feeBps: number
}

/** What a trade would do. Amounts are $AI wei, shares 1e-9 share, prices 1e-18 $AI a share. */
export interface Quote {
  readonly side: 'buy' | 'sell'
  readonly outcome: number
  readonly shares: bigint
  /** What is paid, the fee on top; of a sale what is received, the fee taken off. */
  readonly amount: bigint
  readonly fee: bigint
  readonly priceBefore: bigint
  readonly priceAfter: bigint
  /** By how much the price without the fee is worse than before the trade, on average over its shares. */
  readonly slippageBps: number
  /** The market behind the trade. */
  readonly after: Pricing
}

const ALL = 10_000n
const UINT96_MAX = 2n ** 96n - 1n

/** What so many shares cost, bit for bit what the contract charges. */
export function quoteBuy(pricing: Pricing, outcome: number, shares: bigint): Quote {
  const { curve, quantities, feeBps } = pricing
  const next = lmsr.buy(curve, quantities[outcome], shares)
  const after = move(pricing, outcome, shares, next)
  const cost = lmsr.charge(curve, after.curve)
  const fee = ceil(cost * BigInt(feeBps), ALL)
  return describe('buy', pricing, after, outcome, shares, cost, fee)
}

/** What so many shares bring. */
export function quoteSell(pricing: Pricing, outcome: number, shares: bigint): Quote {
  const { curve, quantities, feeBps } = pricing
  const next = lmsr.sell(curve, quantities[outcome], shares)
  const after = move(pricing, outcome, -shares, next)
  const proceeds = lmsr.payout(curve, after.curve)
  const fee = ceil(proceeds * BigInt(feeBps), ALL)
  return describe('sell', pricing, after, outcome, shares, proceeds, fee)
}

/** As many shares as a budget pays, the fee included; undefined: it pays for none. */
export function quoteBuyFor(pricing: Pricing, outcome: number, budget: bigint): Quote | undefined {
  const { curve, quantities, feeBps } = pricing
  const rest = (min(budget, UINT96_MAX) * ALL) / (ALL + BigInt(feeBps))
  const shares = lmsr.buyFor(curve, quantities[outcome], rest)
  return shares === 0n ? undefined : quoteBuy(pricing, outcome, shares)
}

/** As few shares as bring an amount after the fee; undefined: no number of them does. */
export function quoteSellFor(pricing: Pricing, outcome: number, amount: bigint): Quote | undefined {
  const { curve, quantities, feeBps } = pricing
  const whole = ceil(min(amount, UINT96_MAX) * ALL, ALL - BigInt(feeBps))
  const shares = lmsr.sellFor(curve, quantities, outcome, whole)
  return shares === undefined ? undefined : quoteSell(pricing, outcome, shares)
}

/** What listing one more outcome costs, where so many complete sets do not contain it. */
export const quoteListing = (pricing: Pricing & { readonly sets: bigint }): bigint =>
  quoteListings(pricing, 1)

/** What listing so many more outcomes costs, one after the other. */
export function quoteListings(
  { curve, quantities, sets }: Pricing & { readonly sets: bigint },
  count: number,
): bigint {
  let cost = 0n
  let now = { curve, quantities: [...quantities] }
  for (let i = 0; i < count; i++) {
    const wider = [...now.quantities, -sets]
    const next = lmsr.admit(now.curve, -sets) ?? lmsr.gather(curve.b, wider)
    cost += lmsr.charge(now.curve, next)
    now = { curve: next, quantities: wider }
  }
  return cost
}

/** Prices of all outcomes. */
export const pricesOf = ({ curve, quantities }: Omit<Pricing, 'feeBps'>): bigint[] =>
  quantities.map((quantity) => lmsr.price(curve, quantity))

/** What a buyer may pay at most who accepts that a quote gets worse by so much. */
export const withSlippage = (amount: bigint, slippageBps: number): bigint =>
  ceil(amount * (ALL + BigInt(slippageBps)), ALL)

/** What a seller must receive at least who accepts that. */
export const lessSlippage = (amount: bigint, slippageBps: number): bigint =>
  (amount * (ALL - BigInt(slippageBps))) / ALL

function move(
  { quantities, feeBps, curve }: Pricing,
  outcome: number,
  shares: bigint,
  next: lmsr.Curve | undefined,
): Pricing {
  const moved = quantities.with(outcome, quantities[outcome] + shares)
  return { quantities: moved, feeBps, curve: next ?? lmsr.gather(curve.b, moved) }
}

function describe(
  side: Quote['side'],
  before: Pricing,
  after: Pricing,
  outcome: number,
  shares: bigint,
  amount: bigint,
  fee: bigint,
): Quote {
  const priceBefore = lmsr.price(before.curve, before.quantities[outcome])
  const atPrice = shares * priceBefore // 1e-27 $AI
  const difference = amount * lmsr.WEI_PER_SHARE - atPrice
  const worse = side === 'buy' ? difference : -difference
  return {
    side,
    outcome,
    shares,
    amount: side === 'buy' ? amount + fee : amount - fee,
    fee,
    priceBefore,
    priceAfter: lmsr.price(after.curve, after.quantities[outcome]),
    slippageBps: atPrice === 0n ? Infinity : Number((worse * 1_000_000n) / atPrice) / 100,
    after,
  }
}

const min = (x: bigint, y: bigint): bigint => (x < y ? x : y)
const ceil = (x: bigint, y: bigint): bigint => (x + y - 1n) / y
