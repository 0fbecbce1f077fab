import { Book, lmsr, pricesOf, WAD } from '@lockstep/deployments/protocol'
import { Random } from '@lockstep/deployments/testing'
import { describe, expect, test } from 'vitest'
import { type MarketEvent, Replay, ReplayError } from './replay.ts'

const B = 1_000n * WAD

/** A market as the contract would have it, and the events that it would emit. */
class Market {
  readonly book: Book
  readonly events: MarketEvent[] = []

  constructor(b: bigint, outcomes: number) {
    this.book = new Book(b, outcomes)
  }

  emit(eventName: MarketEvent['eventName'], args: object): void {
    const logIndex = this.events.length
    const event = { eventName, args, logIndex, transactionHash: '0x1', blockNumber: 1n }
    this.events.push(event as unknown as MarketEvent)
  }

  buy(outcome: number, shares: bigint): void {
    const cost = this.book.buy(outcome, shares)
    const fee = cost / 100n + 1n
    this.emit('Traded', { outcome: BigInt(outcome), shares, cost: cost + fee, fee })
  }

  sell(outcome: number, shares: bigint): void {
    const paid = this.book.sell(outcome, shares)
    const fee = paid / 100n
    this.emit('Traded', { outcome: BigInt(outcome), shares: -shares, cost: fee - paid, fee })
  }

  mint(sets: bigint): void {
    this.book.mint(sets)
    this.emit(sets > 0n ? 'SetsMinted' : 'SetsBurned', { sets: sets > 0n ? sets : -sets })
  }

  list(): void {
    this.emit('OutcomeListed', { cost: this.book.admit() })
  }

  join(b: bigint): void {
    this.book.join(b)
    this.emit('LiquidityAdded', { b })
  }

  /** Of this nothing is emitted. */
  remake(): void {
    this.book.curve = lmsr.gather(this.book.curve.b, this.book.quantities)
  }
}

/** Whatever traders can do, at random; returns what the chain would have said of prices behind every event. */
function trade(market: Market, random: Random, moves: number): bigint[][] {
  const { book } = market
  const seen: bigint[][] = []
  while (seen.length < moves) {
    const before = market.events.length
    const outcome = random.below(book.quantities.length)
    const shares = random.magnitude((8n * book.curve.b) / lmsr.WEI_PER_SHARE)
    const held = book.outstanding(outcome)
    switch (random.below(9)) {
      case 0:
        market.mint(random.magnitude(book.curve.b / lmsr.WEI_PER_SHARE))
        break
      case 1:
        if (book.quantities.length < 12) market.list()
        break
      case 2:
        if (book.curve.b < 100n * B)
          market.join((book.curve.b * BigInt(101 + random.below(50))) / 100n)
        break
      case 3:
        market.remake()
        break
      case 4:
      case 5:
        if (held > 0n) market.sell(outcome, shares < held ? shares : held)
        break
      default:
        market.buy(outcome, shares)
    }
    if (market.events.length > before) seen.push(pricesOf(book))
  }
  return seen
}

describe('a replay', () => {
  test.each([1, 2, 3, 4, 5])('has every price of the curve, whatever is done (seed %i)', (seed) => {
    const market = new Market(B, 2 + seed)
    const prices = trade(market, new Random(seed), 400)
    const replay = new Replay(B, 2 + seed)
    replay.follow(market.events)
    expect(replay.points).toHaveLength(400)
    const last = replay.points.map((point) => point.prices)
    // Unless a remake moved a window without any cost showing it, every digit is the same.
    const differing = last.filter((point, i) => point.some((price, j) => price !== prices[i][j]))
    expect(differing.length).toBeLessThan(40)
    for (const [i, point] of last.entries()) {
      for (const [j, price] of point.entries()) {
        const apart = price > prices[i][j] ? price - prices[i][j] : prices[i][j] - price
        expect(apart).toBeLessThanOrEqual(2n)
      }
    }
    expect(replay.book.quantities).toEqual(market.book.quantities)
    expect(replay.book.sets).toBe(market.book.sets)
  })

  test('without remakes is the same in every digit', () => {
    const market = new Market(B, 3)
    const seen: bigint[][] = []
    const random = new Random(9)
    for (let i = 0; i < 200; i++) {
      market.buy(random.below(3), random.magnitude((20n * B) / lmsr.WEI_PER_SHARE))
      seen.push(pricesOf(market.book))
    }
    const replay = new Replay(B, 3)
    replay.follow(market.events)
    expect(replay.points.map(({ prices }) => prices)).toEqual(seen)
    expect(replay.book.curve).toEqual(market.book.curve)
  })

  test('goes on where it was, and begins anew where the chain has other events', () => {
    const market = new Market(B, 2)
    trade(market, new Random(4), 20)
    const replay = new Replay(B, 2)
    replay.follow(market.events.slice(0, 5))
    const first = replay.points[0]
    replay.follow(market.events)
    expect(replay.points[0]).toBe(first)
    expect(replay.points).toHaveLength(20)
    const other = new Market(B, 2)
    trade(other, new Random(5), 10)
    const events = other.events.map((event) => ({ ...event, transactionHash: '0x2' as const }))
    replay.follow(events)
    expect(replay.points).toHaveLength(10)
    expect(replay.book.quantities).toEqual(other.book.quantities)
  })

  test('finds out that an event is missing', () => {
    const market = new Market(B, 2)
    for (let i = 0; i < 5; i++) market.buy(i % 2, 10n ** 9n)
    const gap = market.events.filter((_, i) => i !== 2)
    expect(() => {
      new Replay(B, 2).follow(gap)
    }).toThrow(ReplayError)
  })
})
