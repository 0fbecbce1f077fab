import {
  Book,
  lessSlippage,
  lmsr,
  pricesOf,
  type Pricing,
  type Quote,
  quoteBuy,
  quoteSell,
  WAD,
  withSlippage,
} from '@lockstep/deployments/protocol'
import { Random } from '@lockstep/deployments/testing'
import { describe, expect, test } from 'vitest'
import { type Holding, leastPayoff, worstLoss } from './exposure.ts'
import { bestTrade, type Bounds, sellBack } from './strategy.ts'

const FEE_BPS = 100
const bounds = (changes: Partial<Bounds> = {}): Bounds => ({
  maxLoss: 20n * WAD,
  maxTrade: 5n * WAD,
  minEdge: WAD / 100n,
  slippageBps: 50,
  ...changes,
})

const pricing = ({ curve, quantities }: Book): Pricing => ({
  curve,
  quantities: [...quantities],
  feeBps: FEE_BPS,
})

const none = (outcomes: number, canGrow = false): Holding => ({
  market: 1n,
  paid: 0n,
  shares: new Array<bigint>(outcomes).fill(0n),
  canGrow,
})

/** A book and what one trader has of it; trades come out as the book says. */
class Scene {
  readonly book: Book
  holding: Holding

  constructor(b: bigint, outcomes: number, canGrow = false) {
    this.book = new Book(b, outcomes)
    this.holding = none(outcomes, canGrow)
  }

  trade(quote: Quote): void {
    const { side, outcome, shares, amount } = quote
    if (side === 'buy') this.book.buy(outcome, shares)
    else this.book.sell(outcome, shares)
    const own = this.holding.shares[outcome]
    this.holding = {
      ...this.holding,
      paid: this.holding.paid + (side === 'buy' ? amount : -amount),
      shares: this.holding.shares.with(outcome, side === 'buy' ? own + shares : own - shares),
    }
  }

  /** Somebody else's trade, so that the price lands anywhere. */
  disturb(random: Random): void {
    const { book } = this
    const outcome = random.below(book.quantities.length)
    const shares = random.magnitude((2n * book.curve.b) / lmsr.WEI_PER_SHARE)
    const sellable = book.outstanding(outcome) - this.holding.shares[outcome]
    if (random.below(2) === 0 && sellable > 0n)
      book.sell(outcome, shares < sellable ? shares : sellable)
    else if (book.quantities[outcome] + shares < lmsr.limit(book.curve.b)) book.buy(outcome, shares)
  }
}

/** What shares pay at an end: every winner alone, a tie of any, and refunds at any prices. */
function payoffs({ shares }: Holding, random: Random): bigint[] {
  const n = shares.length
  const alone = shares.map((own) => own * lmsr.WEI_PER_SHARE)
  const tied = Array.from({ length: 8 }, () => {
    const winners = [...shares.keys()].filter(() => random.below(2) === 0)
    const each = winners.length === 0 ? 0n : lmsr.WEI_PER_SHARE / BigInt(winners.length)
    return winners.length === 0 ? alone[0] : winners.reduce((sum, i) => sum + shares[i] * each, 0n)
  })
  const refunds = Array.from({ length: 8 }, () => {
    const weights = Array.from({ length: n }, () => random.magnitude(WAD))
    const scale = weights.reduce((sum, weight) => sum + weight, 0n)
    return shares.reduce((sum, own, i) => sum + (own * lmsr.WEI_PER_SHARE * weights[i]) / scale, 0n)
  })
  return [...alone, ...tied, ...refunds]
}

/**
 * Lets somebody else trade so many shares in the direction of a quote, before it; returns what the quoted trade then
 * comes to. Undefined, and nothing happens, where that is beyond the slippage: the contract would refuse the trade.
 */
function overtake(
  { book, holding }: Scene,
  { side, outcome, shares: own, amount }: Quote,
  shares: bigint,
  slippageBps: number,
): Quote | undefined {
  const now = pricing(book)
  if (side === 'buy') {
    if (now.quantities[outcome] + shares + own >= lmsr.limit(now.curve.b)) return undefined
    const late = quoteBuy(quoteBuy(now, outcome, shares).after, outcome, own)
    if (late.amount > withSlippage(amount, slippageBps)) return undefined
    expect(late.amount).toBeGreaterThan(amount)
    book.buy(outcome, shares)
    return late
  }
  if (book.outstanding(outcome) - holding.shares[outcome] < shares) return undefined
  const late = quoteSell(quoteSell(now, outcome, shares).after, outcome, own)
  if (late.amount < lessSlippage(amount, slippageBps)) return undefined
  expect(late.amount).toBeLessThan(amount)
  book.sell(outcome, shares)
  return late
}

const randomBeliefs = (random: Random, outcomes: number): bigint[] => {
  const weights = Array.from({ length: outcomes }, () => random.magnitude(WAD))
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  return weights.map((weight) => (weight * WAD) / sum)
}

describe('the loss limit', () => {
  test('holds in random markets, whatever is believed, wins or ties, and when it is void', () => {
    let trades = 0
    let atLimit = 0
    for (let seed = 1; seed <= 25; seed++) {
      const random = new Random(seed)
      const outcomes = 2 + random.below(7)
      const scene = new Scene((10n + random.magnitude(500n)) * WAD, outcomes)
      const maxLoss = BigInt(1 + random.below(50)) * WAD
      const within = bounds({ maxLoss, maxTrade: BigInt(1 + random.below(20)) * WAD, minEdge: 0n })
      for (let look = 0; look < 40; look++) {
        if (random.below(3) > 0) scene.disturb(random)
        const quote =
          random.below(8) === 0
            ? sellBack(pricing(scene.book), scene.holding, within)
            : bestTrade(pricing(scene.book), scene.holding, randomBeliefs(random, outcomes), within)
        if (quote === undefined) continue
        scene.trade(quote)
        trades++
        expect(worstLoss(scene.holding)).toBeLessThanOrEqual(maxLoss)
        if (worstLoss(scene.holding) * 10n > maxLoss * 9n) atLimit++
        for (const payoff of payoffs(scene.holding, random)) {
          expect(scene.holding.paid - payoff).toBeLessThanOrEqual(maxLoss)
        }
      }
    }
    expect(trades).toBeGreaterThan(300)
    expect(atLimit).toBeGreaterThan(50) // it is used, not only kept
  })

  test('holds where the price moves between quote and trade, which is made within its slippage only', () => {
    const random = new Random(7)
    const made = { buy: 0, sell: 0, nearLimit: 0 }
    let refused = 0
    for (let i = 0; i < 150; i++) {
      const scene = new Scene(100n * WAD, 3)
      for (let j = 0; j < 4; j++) scene.disturb(random)
      const within = bounds({ slippageBps: 100 + random.below(2_000), maxTrade: 1_000n * WAD })
      for (let look = 0; look < 4; look++) {
        const now = pricing(scene.book)
        const quote = bestTrade(now, scene.holding, randomBeliefs(random, 3), within)
        if (quote === undefined) continue
        // Somebody else trades the same way first: too much, then half of that and so on until the quote still holds.
        for (let shares = 8n * quote.shares; shares > 0n; shares /= 2n) {
          const late = overtake(scene, quote, shares, within.slippageBps)
          if (late === undefined) {
            refused++
            continue
          }
          scene.trade(late)
          made[quote.side]++
          break
        }
        const loss = worstLoss(scene.holding)
        expect(loss).toBeLessThanOrEqual(within.maxLoss)
        if (loss * 100n > within.maxLoss * 95n) made.nearLimit++
      }
    }
    expect(refused).toBeGreaterThan(100)
    expect(made.buy).toBeGreaterThan(100)
    expect(made.sell).toBeGreaterThan(10)
    expect(made.nearLimit).toBeGreaterThan(20)
  })

  test('a purchase costs no more than the limit of a trade, its slippage included', () => {
    const scene = new Scene(1_000n * WAD, 2)
    const within = bounds({ slippageBps: 1_000 })
    const quote = bestTrade(pricing(scene.book), scene.holding, [(WAD * 9n) / 10n, 0n], within)!
    const most = withSlippage(quote.amount, within.slippageBps)
    expect(most).toBeLessThanOrEqual(within.maxTrade)
    expect(most * 100n).toBeGreaterThan(within.maxTrade * 99n)
  })

  test('counts a whole holding as lost where outcomes can still be listed', () => {
    const shares = [5n * 10n ** 9n, 5n * 10n ** 9n]
    expect(leastPayoff({ shares, canGrow: true })).toBe(0n)
    expect(leastPayoff({ shares, canGrow: false })).toBeGreaterThan(4_999_998_000_000_000_000n)
    const scene = new Scene(1_000n * WAD, 2, true)
    for (let look = 0; look < 100; look++) {
      const beliefs = look % 2 === 0 ? [WAD, 0n] : [0n, WAD]
      const quote = bestTrade(
        pricing(scene.book),
        { ...scene.holding, shares: [0n, 0n] },
        beliefs,
        {
          ...bounds(),
          maxLoss: 20n * WAD,
        },
      )
      if (quote === undefined) break
      scene.trade(quote)
    }
    expect(scene.holding.paid).toBeLessThanOrEqual(20n * WAD)
  })

  test('beyond the limit only what makes it better is traded', () => {
    const scene = new Scene(100n * WAD, 2)
    const quote = quoteBuy(pricing(scene.book), 0, 60n * 10n ** 9n)
    scene.trade(quote)
    const within = bounds({ maxLoss: WAD })
    const belief = [(WAD * 9n) / 10n, WAD / 10n]
    expect(bestTrade(pricing(scene.book), scene.holding, belief, within)).toBeUndefined()
    const back = bestTrade(
      pricing(scene.book),
      scene.holding,
      [WAD / 10n, (WAD * 9n) / 10n],
      within,
    )!
    scene.trade(back)
    expect(worstLoss(scene.holding)).toBeLessThan(quote.amount)
  })
})

describe('a belief', () => {
  test('moves the price to where fee and edge are what is left of the difference', () => {
    const scene = new Scene(1_000n * WAD, 4)
    const belief = [WAD / 2n, undefined, undefined, undefined]
    const rich = bounds({ maxLoss: 10n ** 6n * WAD, maxTrade: 10n ** 6n * WAD })
    scene.trade(bestTrade(pricing(scene.book), scene.holding, belief, rich)!)
    const [price] = pricesOf(scene.book)
    const left = WAD / 2n - (price * BigInt(10_000 + FEE_BPS)) / 10_000n - rich.minEdge
    expect(Math.abs(Number(left))).toBeLessThan(1e7)
    expect(bestTrade(pricing(scene.book), scene.holding, belief, rich)).toBeUndefined()
    // The belief falls: what is held is sold, down to the edge on the other side.
    const doubt = [WAD / 4n, undefined, undefined, undefined]
    const sold = bestTrade(pricing(scene.book), scene.holding, doubt, rich)!
    expect(sold.side).toBe('sell')
    scene.trade(sold)
    const [now] = pricesOf(scene.book)
    const above = (now * BigInt(10_000 - FEE_BPS)) / 10_000n - WAD / 4n - rich.minEdge
    const hasSoldAll = scene.holding.shares[0] === 0n
    expect(hasSoldAll || Math.abs(Number(above)) < 1e7).toBe(true)
  })

  test('that the price has already is not traded on, nor one within fee and edge', () => {
    const scene = new Scene(100n * WAD, 2)
    for (const belief of [WAD / 2n, (WAD * 51n) / 100n, (WAD * 49n) / 100n]) {
      const beliefs = [belief, WAD - belief]
      expect(bestTrade(pricing(scene.book), scene.holding, beliefs, bounds())).toBeUndefined()
    }
  })

  test('that is right earns money on average', () => {
    const random = new Random(3)
    let gained = 0n
    let games = 0
    for (let game = 0; game < 80; game++) {
      const outcomes = 2 + random.below(4)
      const truth = randomBeliefs(random, outcomes)
      const scene = new Scene(50n * WAD, outcomes)
      for (let look = 0; look < 12; look++) {
        if (look % 3 === 0) scene.disturb(random)
        const quote = bestTrade(pricing(scene.book), scene.holding, truth, bounds())
        if (quote !== undefined) scene.trade(quote)
      }
      // What it gets by the truth, rather than by one draw.
      const { shares, paid } = scene.holding
      const expected = shares.reduce(
        (sum, own, i) => sum + (own * truth[i]) / lmsr.WEI_PER_SHARE,
        0n,
      )
      gained += expected - paid
      games++
    }
    expect(Number(gained / BigInt(games)) / 1e18).toBeGreaterThan(1)
  })
})

test('all of it is sold back, complete sets by turns where the limit is narrow', () => {
  const scene = new Scene(100n * WAD, 2)
  scene.book.mint(10n * 10n ** 9n)
  scene.holding = { ...none(2), paid: 10n * WAD, shares: [10n * 10n ** 9n, 10n * 10n ** 9n] }
  const narrow = bounds({ maxLoss: WAD })
  for (let look = 0; look < 200; look++) {
    const quote = sellBack(pricing(scene.book), scene.holding, narrow)
    if (quote === undefined) break
    scene.trade(quote)
    expect(worstLoss(scene.holding)).toBeLessThanOrEqual(narrow.maxLoss)
  }
  expect(scene.holding.shares.every((own) => own < 10n ** 7n)).toBe(true)
})

test('complete sets earn nothing: prices add up to 1, and every trade pays a fee', () => {
  const random = new Random(11)
  for (let i = 0; i < 100; i++) {
    const outcomes = 2 + random.below(6)
    const scene = new Scene(100n * WAD, outcomes)
    for (let j = 0; j < 6; j++) scene.disturb(random)
    const sum = pricesOf(scene.book).reduce((total, price) => total + price, 0n)
    expect(sum).toBeLessThanOrEqual(WAD)
    const sets = random.magnitude(10n ** 10n)
    let now = pricing(scene.book)
    let [bought, sold] = [0n, 0n]
    for (let outcome = 0; outcome < outcomes; outcome++) {
      const quote = quoteBuy(now, outcome, sets)
      bought += quote.amount
      now = quote.after
    }
    expect(bought).toBeGreaterThan(sets * lmsr.WEI_PER_SHARE) // to take them back for 1 each
    scene.book.mint(sets)
    now = pricing(scene.book)
    for (let outcome = 0; outcome < outcomes; outcome++) {
      const quote = quoteSell(now, outcome, sets)
      sold += quote.amount
      now = quote.after
    }
    expect(sold).toBeLessThan(sets * lmsr.WEI_PER_SHARE) // after making them for 1 each
  }
})
