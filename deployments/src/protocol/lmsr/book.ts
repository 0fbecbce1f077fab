import * as lmsr from './lmsr.ts'

/**
 * A market's curve, quantities and pot off chain, before fees: what the contract would charge and pay, trade after
 * trade. Amounts are $AI wei, shares 1e-9 share. Whatever the library refuses leaves the book as it was.
 */
export class Book {
  curve: lmsr.Curve
  readonly quantities: bigint[]
  /** Complete sets in circulation, 1e-9 each: shares that the quantities do not count. */
  sets = 0n
  /** What the market holds, wei. */
  pot: bigint

  constructor(b: bigint, outcomes: number) {
    this.curve = lmsr.open(b, outcomes)
    this.quantities = Array.from({ length: outcomes }, () => 0n)
    this.pot = lmsr.funding(b, outcomes)
  }

  /** Shares of an outcome that somebody holds. */
  outstanding(outcome: number): bigint {
    return this.quantities[outcome] + this.sets
  }

  /** Buys shares; returns what they cost. */
  buy(outcome: number, shares: bigint): bigint {
    const quantity = this.quantities[outcome]
    return this.#pay(lmsr.buy(this.curve, quantity, shares), outcome, quantity + shares)
  }

  /** Sells shares to the curve; returns what they bring. */
  sell(outcome: number, shares: bigint): bigint {
    const quantity = this.quantities[outcome]
    const next = lmsr.sell(this.curve, quantity, shares)
    this.quantities[outcome] = quantity - shares
    const after = next ?? lmsr.gather(this.curve.b, this.quantities)
    const payout = lmsr.payout(this.curve, after)
    this.curve = after
    this.pot -= payout
    return payout
  }

  /** Adds an outcome of which nobody has a share; returns what that costs. */
  admit(): bigint {
    return this.#pay(lmsr.admit(this.curve, -this.sets), this.quantities.length, -this.sets)
  }

  /** Raises the liquidity; returns the shares received and what it costs. */
  join(b: bigint): { shares: bigint[]; cost: bigint } {
    const shares = lmsr.joined(this.curve, b, this.quantities)
    const quantities = this.quantities.map((quantity, i) => quantity + shares[i])
    const next = lmsr.gather(b, quantities)
    const cost = lmsr.charge(this.curve, next)
    this.quantities.splice(0, quantities.length, ...quantities)
    this.curve = next
    this.pot += cost
    return { shares, cost }
  }

  /** Makes sets (or, if negative, takes them back) at their price. */
  mint(sets: bigint): void {
    this.sets += sets
    this.pot += sets * lmsr.WEI_PER_SHARE
  }

  buyFor(outcome: number, budget: bigint): bigint {
    return lmsr.buyFor(this.curve, this.quantities[outcome], budget)
  }

  sellFor(outcome: number, amount: bigint): bigint | undefined {
    return lmsr.sellFor(this.curve, this.quantities, outcome, amount)
  }

  #pay(next: lmsr.Curve | undefined, outcome: number, quantity: bigint): bigint {
    const quantities = [...this.quantities]
    quantities[outcome] = quantity
    const after = next ?? lmsr.gather(this.curve.b, quantities)
    const cost = lmsr.charge(this.curve, after)
    this.quantities[outcome] = quantity
    this.curve = after
    this.pot += cost
    return cost
  }
}
