// The price of shares, bit for bit src/delphi/LMSR.sol (docs/spec/delphi.md, section 1): names, units, rounding and
// what is refused are that library's. Quotes made here are what the chain will say.
import { expWad, lnWad, WAD } from './wad.ts'

export const MIN_OUTCOMES = 2
export const MAX_OUTCOMES = 256
/** Bounds of b, $AI wei. */
export const MIN_LIQUIDITY = 10n ** 18n
export const MAX_LIQUIDITY = 10n ** 27n
/** Wei that 1e-9 share pays if its outcome wins. */
export const WEI_PER_SHARE = 10n ** 9n
export const MAX_NATS = 32_000n

const MARGIN = 3n
const CEILING = 52n * WAD
const CENTRE_NATS = 32n
const FLOOR = 12n * WAD
const FLOOR_SUM = expWad(FLOOR)
const UINT96_MAX = 2n ** 96n - 1n
const INT64_MAX = 2n ** 63n - 1n

/** Where a market stands on its cost function. */
export interface Curve {
  /** Liquidity, $AI wei. */
  readonly b: bigint
  /** Nats, a whole number, by which the exponent of every term is lowered. */
  readonly offset: bigint
  /** Of all terms, in 1e-18. */
  readonly sum: bigint
}

export type LmsrRefusal =
  | 'LiquidityOutOfRange'
  | 'OutcomesOutOfRange'
  | 'QuantityOutOfRange'
  | 'NoShares'

/** What the library reverts with; `refusal` is the error's name without its prefix. */
export class LmsrError extends Error {
  override readonly name = 'LmsrError'
  readonly refusal: LmsrRefusal

  constructor(refusal: LmsrRefusal, text: string) {
    super(text)
    this.refusal = refusal
  }
}

/** What a market must hold before its first trade: b ln n, rounded up. */
export function funding(b: bigint, outcomes: number): bigint {
  check(b, outcomes)
  return ceil(b * (lnWad(BigInt(outcomes) * WAD) + 2n), WAD)
}

/** The largest liquidity that so much funds. */
export const liquidityFor = (subsidy: bigint, outcomes: number): bigint =>
  (subsidy * WAD) / (lnWad(BigInt(outcomes) * WAD) + 2n)

/** The curve of a new market, every quantity zero. */
export function open(b: bigint, outcomes: number): Curve {
  check(b, outcomes)
  return { b, offset: -CENTRE_NATS, sum: BigInt(outcomes) * expWad(CENTRE_NATS * WAD) }
}

/** The curve of these quantities in the window where the largest has its term between e^32 and e^33. */
export function gather(b: bigint, quantities: readonly bigint[]): Curve {
  check(b, quantities.length)
  const bound = limit(b)
  let most = -bound
  for (const quantity of quantities) {
    checkQuantity(b, quantity)
    if (quantity > most) most = quantity
  }
  return inWindow(b, quantities, floor(exponentOf({ b, offset: 0n }, most), WAD) - CENTRE_NATS)
}

/** The curve of these quantities in a window that need not be theirs: that of an earlier gathering. */
export function inWindow(b: bigint, quantities: readonly bigint[], offset: bigint): Curve {
  const sum = quantities.reduce((total, quantity) => total + term({ b, offset }, quantity), 0n)
  return { b, offset, sum }
}

/** The curve after `shares` were bought; undefined: it left its window, gather. */
export const buy = (curve: Curve, quantity: bigint, shares: bigint): Curve | undefined =>
  move(curve, quantity, bought(curve.b, quantity, shares))

/** The curve after `shares` were sold to it; undefined: it left its window, gather. */
export const sell = (curve: Curve, quantity: bigint, shares: bigint): Curve | undefined =>
  move(curve, quantity, sold(curve.b, quantity, shares))

/** The curve with one more outcome; undefined: it left its window, gather. */
export function admit(curve: Curve, quantity: bigint): Curve | undefined {
  checkQuantity(curve.b, quantity)
  const exponent = exponentOf(curve, quantity)
  return exponent > CEILING ? undefined : { ...curve, sum: curve.sum + expWad(exponent) }
}

/** The shares of each outcome that whoever raises the liquidity to `b` gets. */
export function joined(curve: Curve, b: bigint, quantities: readonly bigint[]): bigint[] {
  if (b <= curve.b || b > MAX_LIQUIDITY) {
    throw new LmsrError(
      'LiquidityOutOfRange',
      `${b} wei is not above ${curve.b} and at most ${MAX_LIQUIDITY}`,
    )
  }
  const growths = quantities.map((quantity) => floor(quantity * b, curve.b) - quantity)
  const least = growths.reduce((a, c) => (c < a ? c : a))
  return growths.map((growth) => growth - least)
}

/** Wei that must be paid to bring the curve to `next`, rounded up. */
export const charge = (curve: Curve, next: Curve): bigint =>
  ceil(next.b * (potential(next) + MARGIN) - curve.b * potential(curve), WAD)

/** Wei that are paid for selling, which brought the curve to `next`, rounded down. */
export function payout(curve: Curve, next: Curve): bigint {
  const fall = potential(curve) - potential(next) - MARGIN
  return fall > 0n ? (curve.b * fall) / WAD : 0n
}

/** The price of the outcome with this quantity, in 1e-18 $AI a share, rounded down. */
export const price = (curve: Curve, quantity: bigint): bigint =>
  (term(curve, quantity) * WAD) / curve.sum

/**
 * The quantity at which an outcome would have a price, in 1e-18 and below 1, all others as they are; undefined: no
 * quantity has it. Some units of rounding off: for those who choose a trade, not for what it costs.
 */
export function quantityForPrice(
  curve: Curve,
  quantity: bigint,
  target: bigint,
): bigint | undefined {
  // e^x / (e^x + R) = p, so e^x = R p / (1 - p).
  const rest = curve.sum - term(curve, quantity)
  const sought = (rest * target) / (WAD - target)
  if (sought <= 0n) return undefined
  return floor((lnWad(sought) + curve.offset * WAD) * curve.b, WEI_PER_SHARE * WAD)
}

/** The most shares that cost no more than `budget` wei. */
export function buyFor(curve: Curve, quantity: bigint, budget: bigint): bigint {
  const spent = (min(budget, UINT96_MAX) * WAD) / curve.b
  const target = potential(curve) + spent - MARGIN
  const found = quantityAt(curve, curve.sum - term(curve, quantity), target)
  if (found === undefined) return 0n
  const to = min(found, limit(curve.b))
  return to > quantity ? to - quantity : 0n
}

/**
 * The fewest shares that sell for at least `amount` wei; undefined: no number of them does. Where they leave the
 * window, the contract needs all quantities; so does this, and takes them always.
 */
export function sellFor(
  curve: Curve,
  quantities: readonly bigint[],
  outcome: number,
  amount: bigint,
): bigint | undefined {
  const target = potential(curve) - ceil(min(amount, UINT96_MAX) * WAD, curve.b) - MARGIN
  const quantity = quantities[outcome]
  if (target - curve.offset * WAD >= FLOOR) {
    return fewest(curve, curve.sum - term(curve, quantity), target, quantity)
  }
  if (target < -MAX_NATS * WAD) return undefined
  const window = { b: curve.b, offset: floor(target, WAD) - CENTRE_NATS }
  let rest = 0n
  for (const [i, other] of quantities.entries()) {
    if (i === outcome) continue
    const exponent = exponentOf(window, other)
    if (exponent > CEILING) return undefined
    rest += expWad(exponent)
  }
  return fewest(window, rest, target, quantity)
}

/** How far from zero a quantity can be with this b. */
export const limit = (b: bigint): bigint => min((MAX_NATS * b) / WEI_PER_SHARE, INT64_MAX)

/** The quantity after `shares` more were bought. */
export function bought(b: bigint, quantity: bigint, shares: bigint): bigint {
  if (shares <= 0n) throw new LmsrError('NoShares', `${shares} shares cannot be bought`)
  checkQuantity(b, quantity + shares)
  return quantity + shares
}

/** The quantity after `shares` were sold to the curve. */
export function sold(b: bigint, quantity: bigint, shares: bigint): bigint {
  if (shares <= 0n) throw new LmsrError('NoShares', `${shares} shares cannot be sold`)
  checkQuantity(b, quantity - shares)
  return quantity - shares
}

/** ln Σ e^(q_i / b) in 1e-18. */
export const potential = (curve: Curve): bigint => lnWad(curve.sum) + curve.offset * WAD

type Window = Omit<Curve, 'sum'>

function check(b: bigint, outcomes: number): void {
  if (b < MIN_LIQUIDITY || b > MAX_LIQUIDITY) {
    throw new LmsrError(
      'LiquidityOutOfRange',
      `${b} wei is not within ${MIN_LIQUIDITY} and ${MAX_LIQUIDITY}`,
    )
  }
  if (outcomes < MIN_OUTCOMES || outcomes > MAX_OUTCOMES) {
    throw new LmsrError(
      'OutcomesOutOfRange',
      `${outcomes} is not within ${MIN_OUTCOMES} and ${MAX_OUTCOMES}`,
    )
  }
}

function checkQuantity(b: bigint, quantity: bigint): void {
  const bound = limit(b)
  if (quantity < -bound || quantity > bound) {
    throw new LmsrError(
      'QuantityOutOfRange',
      `${quantity} is further from zero than ${bound}, the limit for b = ${b}`,
    )
  }
}

function move(curve: Curve, from: bigint, to: bigint): Curve | undefined {
  const exponent = exponentOf(curve, to)
  if (exponent > CEILING) return undefined
  const sum = curve.sum - term(curve, from) + expWad(exponent)
  return sum < FLOOR_SUM ? undefined : { ...curve, sum }
}

const term = (window: Window, quantity: bigint): bigint => expWad(exponentOf(window, quantity))

const exponentOf = ({ b, offset }: Window, quantity: bigint): bigint =>
  floor(quantity * WEI_PER_SHARE * WAD, b) - offset * WAD

function fewest(
  window: Window,
  rest: bigint,
  target: bigint,
  quantity: bigint,
): bigint | undefined {
  const to = quantityAt(window, rest, target)
  return to === undefined || to < -limit(window.b) ? undefined : quantity - to
}

function quantityAt({ b, offset }: Window, rest: bigint, target: bigint): bigint | undefined {
  let exponent = target - offset * WAD
  if (exponent > 130n * WAD) exponent -= 1n
  else {
    const sum = expWad(exponent)
    if (sum <= rest) return undefined
    exponent = lnWad(sum - rest)
  }
  return floor((exponent + offset * WAD) * b, WEI_PER_SHARE * WAD)
}

const min = (x: bigint, y: bigint): bigint => (x < y ? x : y)

const floor = (x: bigint, y: bigint): bigint => x / y - (x % y < 0n ? 1n : 0n)

const ceil = (x: bigint, y: bigint): bigint => -floor(-x, y)
