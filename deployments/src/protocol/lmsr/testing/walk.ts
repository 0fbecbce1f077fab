import { Book } from '../book.ts'
import * as lmsr from '../lmsr.ts'
import { WAD } from '../wad.ts'
import { Exact } from './exact.ts'
import { ONE } from './precise.ts'
import { Random } from './random.ts'

/** How traders behave in a walk. */
const TEMPERS = ['anyhow', 'dust', 'flood', 'edges', 'sets', 'budgets', 'growth'] as const

/** What was seen, errors in units of b · 1e-18: what the market got beyond the exact difference of C. */
export interface Seen {
  trades: number
  gathers: number
  /** Of trades for which anything was paid. */
  leastError: number
  mostError: number
  /** Of the potential, before the margin. */
  mostDifference: number
  /** What a quote for a budget or an amount misses it by, beyond the price of 1e-9 share. */
  mostQuoteMiss: number
}

export const nothingSeen = (): Seen => ({
  trades: 0,
  gathers: 0,
  leastError: Infinity,
  mostError: -Infinity,
  mostDifference: 0,
  mostQuoteMiss: 0,
})

/** Walks of some sixty operations each over markets of every kind until so many trades were priced. */
export function walkUntil(trades: number, firstSeed: number): Seen {
  const seen = nothingSeen()
  for (let seed = firstSeed; seen.trades < trades; ++seed) walk(seed, seen, Book)
  return seen
}

/** One market from its beginning, in the book that is given. Throws where a law of the market does not hold. */
export function walk<B extends Book>(
  seed: number,
  seen: Seen,
  open: new (b: bigint, outcomes: number) => B,
): B {
  const random = new Random(seed)
  const temper = TEMPERS[random.below(TEMPERS.length)]
  const outcomes = [2, 2, 3, 5, 8, 17, 64, 128, 254][random.below(9)]
  const b =
    random.below(4) === 0
      ? 10n ** BigInt(18 + random.below(10))
      : lmsr.MIN_LIQUIDITY + random.magnitude(lmsr.MAX_LIQUIDITY - lmsr.MIN_LIQUIDITY)
  const book = new open(b, outcomes)
  const market = new Market(book, seen, `seed ${seed}, ${temper}`)
  const steps = temper === 'flood' ? 120 : 60
  for (let i = 0; i < steps; ++i) STEPS[temper](market, random, i / steps)
  return book
}

/** A book with the exact cost beside it. Every operation checks the laws. */
class Market {
  readonly book: Book
  readonly #exact: Exact
  readonly #seen: Seen
  readonly #where: string

  constructor(book: Book, seen: Seen, where: string) {
    this.book = book
    this.#exact = new Exact(book.curve.b, book.quantities)
    this.#seen = seen
    this.#where = where
  }

  /** Shares that are worth b. */
  get depth(): bigint {
    return this.book.curve.b / lmsr.WEI_PER_SHARE
  }

  buy(outcome: number, shares: bigint): bigint {
    const room = lmsr.limit(this.book.curve.b) - this.book.quantities[outcome]
    if (shares > room) shares = room
    if (shares <= 0n) return 0n
    return this.#trade(outcome, () => this.book.buy(outcome, shares))
  }

  sell(outcome: number, shares: bigint): bigint {
    const held = this.book.outstanding(outcome)
    if (shares > held) shares = held
    if (shares <= 0n) return 0n
    return -this.#trade(outcome, () => -this.book.sell(outcome, shares))
  }

  admit(): void {
    if (this.book.quantities.length === lmsr.MAX_OUTCOMES) return
    this.#trade(this.book.quantities.length, () => this.book.admit())
  }

  join(b: bigint): void {
    const { curve, quantities } = this.book
    const before = this.#exact.potential
    let cost: bigint
    try {
      cost = this.book.join(b).cost
    } catch (error) {
      if (error instanceof lmsr.LmsrError) return // beyond the limit of a quantity
      throw error
    }
    this.#exact.reset(b, quantities)
    this.#record(cost, b * this.#exact.potential - curve.b * before, b)
    this.#checkPot()
  }

  mint(sets: bigint): void {
    if (this.book.sets + sets <= lmsr.limit(this.book.curve.b)) this.book.mint(sets)
    this.#checkPot()
  }

  merge(sets: bigint): void {
    const held = this.book.quantities.reduce(
      (a, _, i) => min(a, this.book.outstanding(i)),
      this.book.sets,
    )
    this.book.mint(-min(sets, held))
    this.#checkPot()
  }

  buyFor(outcome: number, budget: bigint): void {
    const { curve, quantities } = this.book
    const shares = this.book.buyFor(outcome, budget)
    if (shares + quantities[outcome] === lmsr.limit(curve.b)) return
    if (shares > 0n) {
      const cost = this.buy(outcome, shares)
      this.#check(cost <= budget, () => `${shares} shares cost ${cost}, more than ${budget}`)
      this.#recordQuote(budget - cost, outcome)
    } else {
      this.#recordQuote(budget - this.buy(outcome, 1n), outcome)
    }
  }

  sellFor(outcome: number, amount: bigint): void {
    const shares = this.book.sellFor(outcome, amount)
    const { b } = this.book.curve
    if (shares === undefined) {
      const least = new Exact(b, this.book.quantities.with(outcome, -lmsr.limit(b))).potential
      const most = (b * (this.#exact.potential - least)) / ONE
      this.#check(most < amount + (6n * b) / WAD + 1n, () => `${amount} can be had, of ${most}`)
    } else if (shares <= this.book.outstanding(outcome)) {
      const payout = this.sell(outcome, shares)
      this.#check(payout >= amount, () => `${shares} shares bring ${payout}, less than ${amount}`)
      this.#recordQuote(payout - amount, outcome)
    }
  }

  #trade(outcome: number, pay: () => bigint): bigint {
    const { offset, b } = this.book.curve
    const before = this.#exact.potential
    const computed = lmsr.potential(this.book.curve)
    const cost = pay()
    this.#exact.set(outcome, this.book.quantities)
    const exact = this.#exact.potential - before
    const rise = lmsr.potential(this.book.curve) - computed
    const difference = Math.abs(toUnits(rise * ONE - exact * WAD, WAD))
    if (difference > this.#seen.mostDifference) this.#seen.mostDifference = difference
    if (this.book.curve.offset !== offset) ++this.#seen.gathers
    this.#record(cost, b * exact, b)
    this.#checkPot()
    return cost
  }

  /** After trades that ended where they began. */
  expectNoGain(gain: bigint): void {
    this.#check(gain <= 0n, () => `trades there and back bring ${gain}`)
  }

  /**
   * @param cost in wei, what was paid out below zero
   * @param exact difference of C, in wei / ONE
   */
  #record(cost: bigint, exact: bigint, b: bigint): void {
    const surplus = cost * ONE - exact
    const error = toUnits(surplus, b)
    ++this.#seen.trades
    if (cost !== 0n && error < this.#seen.leastError) this.#seen.leastError = error
    if (error > this.#seen.mostError) this.#seen.mostError = error
    // The exact difference is known to 60 digits.
    this.#check(
      surplus * 10n ** 60n >= -b * ONE,
      () => `a price is ${-error} units on the wrong side`,
    )
    this.#check(error <= 7, () => `a price is ${error} units off`)
  }

  #recordQuote(missed: bigint, outcome: number): void {
    const { curve, quantities } = this.book
    const price = lmsr.price(curve, quantities[outcome])
    const miss = toUnits((missed - 1n - (lmsr.WEI_PER_SHARE * (price + 1n)) / WAD) * ONE, curve.b)
    if (miss > this.#seen.mostQuoteMiss) this.#seen.mostQuoteMiss = miss
    this.#check(miss <= 5, () => `a quote misses by ${miss} units`)
  }

  /** The pot covers the cost function, every outcome and the window's promises. */
  #checkPot(): void {
    const { book } = this
    const free = book.pot - book.sets * lmsr.WEI_PER_SHARE
    this.#check(
      free * ONE >= book.curve.b * this.#exact.potential,
      () => `the pot ${book.pot} is below C`,
    )
    const most = book.quantities.reduce(max)
    this.#check(free >= most * lmsr.WEI_PER_SHARE, () => `the pot ${book.pot} cannot pay ${most}`)
    this.#check(
      book.curve.sum < 2n ** 144n,
      () => `the sum ${book.curve.sum} needs more than 144 bits`,
    )
    this.#check(
      book.curve.offset === BigInt.asIntN(16, book.curve.offset),
      () => 'the offset needs more than 16 bits',
    )
  }

  #check(holds: boolean, what: () => string): void {
    if (!holds) throw new Error(`${what()} (${this.#where}, trade ${this.#seen.trades})`)
  }
}

type Step = (market: Market, random: Random, progress: number) => void

const STEPS: Record<(typeof TEMPERS)[number], Step> = {
  anyhow(market, random) {
    const outcome = random.below(market.book.quantities.length)
    if (random.below(2) === 0) market.buy(outcome, random.magnitude(20n * market.depth))
    else market.sell(outcome, random.magnitude(market.book.outstanding(outcome) || 1n))
  },

  dust(market, random) {
    const outcome = random.below(2)
    if (random.below(8) === 0) market.buy(outcome, random.upTo(9n * market.depth))
    else if (random.below(2) === 0) market.buy(outcome, random.magnitude(1_000n))
    else market.sell(outcome, random.magnitude(1_000n))
  },

  // One outcome far ahead of the others, then the way back, sometimes at once.
  flood(market, random, progress) {
    const outcome = random.below(4) === 0 ? random.below(market.book.quantities.length) : 0
    if (progress < 0.5) market.buy(outcome, random.upTo(7n * market.depth))
    else if (random.below(16) === 0) market.sell(outcome, market.book.outstanding(outcome))
    else market.sell(outcome, random.upTo(7n * market.depth))
    if (outcome !== 0) market.buy(outcome, random.magnitude(market.depth))
  },

  // Terms to either side of the window's upper end, sums of its lower one; and there and back again.
  edges(market, random) {
    const { curve, quantities } = market.book
    const outcome = random.below(Math.min(3, quantities.length))
    const edge = (curve.b * (curve.offset + [52n, 12n, 32n][random.below(3)])) / lmsr.WEI_PER_SHARE
    const from = quantities[outcome]
    const shares = edge - from + BigInt(random.below(5) - 2)
    const there = shares > 0n ? -market.buy(outcome, shares) : market.sell(outcome, -shares)
    if (random.below(2) === 0) return
    const moved = quantities[outcome] - from
    const back = moved > 0n ? market.sell(outcome, moved) : -market.buy(outcome, -moved)
    market.expectNoGain(there + back)
  },

  sets(market, random) {
    const choice = random.below(8)
    if (choice === 0) market.mint(random.magnitude(100n * market.depth))
    else if (choice === 1) market.merge(random.magnitude(100n * market.depth))
    else STEPS[choice < 5 ? 'flood' : 'anyhow'](market, random, random.below(2))
  },

  budgets(market, random) {
    const outcome = random.below(market.book.quantities.length)
    const amount = random.magnitude(200n * market.book.curve.b)
    if (random.below(2) === 0) market.buyFor(outcome, amount)
    else market.sellFor(outcome, amount)
  },

  growth(market, random, progress) {
    const { b } = market.book.curve
    const choice = random.below(12)
    if (choice === 0) market.admit()
    else if (choice === 1) market.mint(random.magnitude(10n * market.depth))
    else if (choice === 2 && b < lmsr.MAX_LIQUIDITY) {
      market.join(b + random.magnitude(min(b, lmsr.MAX_LIQUIDITY - b)))
    } else STEPS[choice < 7 ? 'anyhow' : 'flood'](market, random, progress)
  },
}

/** So many wei / ONE in units of b · 1e-18. */
const toUnits = (amount: bigint, b: bigint): number =>
  Number((amount * WAD * 2n ** 40n) / (b * ONE)) / 2 ** 40

const min = (x: bigint, y: bigint): bigint => (x < y ? x : y)

const max = (x: bigint, y: bigint): bigint => (x > y ? x : y)
