import { expWad, lmsr, WAD } from '@lockstep/deployments/protocol'

/** A market's curve after a trade, with the price that moved. Shares 1e-9, prices 1e-18 $AI a share. */
export interface Traded {
  readonly curve: lmsr.Curve
  readonly quantity: bigint
  readonly priceBefore: bigint
  readonly priceAfter: bigint
}

/**
 * The curve after `shares` (negative: sold) of an outcome changed hands at `amount` wei before fees. Anyone may have a
 * market gather, of which there is no event, and which moves a price by a unit: the amount tells whether somebody did.
 * `others` is asked for all quantities only where they are needed.
 */
export async function traded(
  curve: lmsr.Curve,
  outcome: number,
  quantity: bigint,
  shares: bigint,
  amount: bigint,
  others: () => Promise<readonly bigint[]>,
): Promise<Traded> {
  const direct = await move(curve, outcome, quantity, shares, others)
  if (direct.amount === amount) return direct
  const gathered = lmsr.gather(curve.b, await others())
  const again = await move(gathered, outcome, quantity, shares, others)
  return again.amount === amount ? again : direct
}

async function move(
  curve: lmsr.Curve,
  outcome: number,
  quantity: bigint,
  shares: bigint,
  others: () => Promise<readonly bigint[]>,
): Promise<Traded & { amount: bigint }> {
  const isBought = shares > 0n
  const after = quantity + shares
  const next =
    (isBought ? lmsr.buy(curve, quantity, shares) : lmsr.sell(curve, quantity, -shares)) ??
    lmsr.gather(curve.b, (await others()).with(outcome, after))
  return {
    curve: next,
    quantity: after,
    amount: isBought ? lmsr.charge(curve, next) : lmsr.payout(curve, next),
    priceBefore: lmsr.price(curve, quantity),
    priceAfter: lmsr.price(next, after),
  }
}

/** An outcome's quantity over time: Σ quantity · seconds until `since` (docs/spec/delphi.md, section 2.4). */
export interface Weighed {
  readonly quantity: bigint
  readonly weighted: bigint
  readonly since: number
}

/** The same sum until `now`. */
export const weigh = ({ quantity, weighted, since }: Weighed, now: number): bigint =>
  weighted + quantity * BigInt(now - since)

/** What a share of each outcome of a void market is paid, 1e-18 $AI (section 3.2). */
export function refunds(
  b: bigint,
  outcomes: readonly Weighed[],
  opensAt: number,
  end: number,
): bigint[] {
  const averages = outcomes.map((outcome) =>
    end === opensAt ? outcome.quantity : weigh(outcome, end) / BigInt(end - opensAt),
  )
  const top = averages.reduce((a, c) => (c > a ? c : a))
  const weights = averages.map((average) =>
    expWad(((average - top) * lmsr.WEI_PER_SHARE * WAD) / b),
  )
  const scale = weights.reduce((a, c) => a + c)
  return weights.map((weight) => (weight * WAD) / scale)
}
