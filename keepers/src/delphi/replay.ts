import { Book, lmsr, pricesOf } from '@lockstep/deployments/protocol'
import type { Address } from 'viem'
import type { TradingEvent } from '../chain/history.ts'

/** The events that change a market's quantities. */
export const MARKET_EVENTS = [
  ...(['Traded', 'SetsMinted', 'SetsBurned', 'LiquidityAdded', 'OutcomeListed'] as const),
]
export type MarketEvent = TradingEvent<(typeof MARKET_EVENTS)[number]>

/** The prices of all outcomes behind one event, in 1e-18 $AI a share. */
export interface PricePoint {
  readonly event: MarketEvent
  readonly prices: readonly bigint[]
}

/** What an event says that cannot have come about on the curve as all events before it left it. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError'
}

// Windows (docs/spec/delphi.md, section 1.2), beside the one where the largest exponent is from 32 to 33: no exponent is
// beyond 52, and the sum of 256 terms at least e^12.
const NATS_BELOW = 20n
const NATS_ABOVE = 27n

/**
 * A market's curve out of its events, bit for bit. The one thing that no event tells is when anybody had the curve
 * gathered, which changes the last digits of prices and costs: where a cost is not what the curve says, it is gathered
 * in the window in which it is. A cost that no window explains means that events are missing, and throws.
 */
export class Replay {
  readonly #open: { readonly b: bigint; readonly outcomes: number }
  #book: Book
  #seen: string[] = []
  #points: PricePoint[] = []

  /** @param b,outcomes at the creation */
  constructor(b: bigint, outcomes: number) {
    this.#open = { b, outcomes }
    this.#book = new Book(b, outcomes)
  }

  get book(): Book {
    return this.#book
  }

  /** One for each event. */
  get points(): readonly PricePoint[] {
    return this.#points
  }

  /** Takes up what is new in the market's events, which are all there are, in order; begins anew if others went. */
  follow(events: readonly MarketEvent[]): void {
    const keys = events.map(({ transactionHash, logIndex }) => `${transactionHash} ${logIndex}`)
    if (this.#seen.some((key, i) => key !== keys[i])) {
      this.#book = new Book(this.#open.b, this.#open.outcomes)
      this.#seen = []
      this.#points = []
    }
    for (const event of events.slice(this.#seen.length)) {
      this.#apply(event)
      this.#seen.push(keys[this.#seen.length])
      this.#points.push({ event, prices: pricesOf(this.#book) })
    }
  }

  #apply(event: MarketEvent): void {
    const book = this.#book
    switch (event.eventName) {
      case 'Traded': {
        const { outcome, shares, cost, fee } = event.args
        const quantity = this.#quantity(Number(outcome)) + shares
        this.#settle(event, cost - fee, (curve) => {
          const after = this.#after(curve, Number(outcome), quantity)
          return shares > 0n ? lmsr.charge(curve, after) : -lmsr.payout(curve, after)
        })
        if (shares > 0n) book.buy(Number(outcome), shares)
        else book.sell(Number(outcome), -shares)
        return
      }
      case 'OutcomeListed':
        this.#settle(event, event.args.cost, (curve) => {
          const quantities = [...book.quantities, -book.sets]
          return lmsr.charge(
            curve,
            lmsr.admit(curve, -book.sets) ?? lmsr.gather(curve.b, quantities),
          )
        })
        book.admit()
        return
      case 'LiquidityAdded':
        book.join(event.args.b) // gathers, so it is the same for every window before
        return
      case 'SetsMinted':
        book.mint(event.args.sets)
        return
      case 'SetsBurned':
        book.mint(-event.args.sets)
    }
  }

  #quantity(outcome: number): bigint {
    const quantity = this.#book.quantities[outcome] as bigint | undefined
    if (quantity === undefined) throw new ReplayError(`outcome ${outcome} was not listed`)
    return quantity
  }

  /** The curve with another quantity, as the contract makes it. */
  #after(curve: lmsr.Curve, outcome: number, quantity: bigint): lmsr.Curve {
    const from = this.#book.quantities[outcome]
    const next =
      quantity > from
        ? lmsr.buy(curve, from, quantity - from)
        : lmsr.sell(curve, from, from - quantity)
    return next ?? lmsr.gather(curve.b, this.#book.quantities.with(outcome, quantity))
  }

  /** Puts the curve into a window in which the event costs what it cost. */
  #settle(event: MarketEvent, cost: bigint, costOf: (curve: lmsr.Curve) => bigint): void {
    const book = this.#book
    const expected = costOf(book.curve)
    if (expected === cost) return
    const gathered = lmsr.gather(book.curve.b, book.quantities)
    // Gathered when the largest quantity was another, it is still in a window that it can be in.
    for (let nats = -NATS_BELOW; nats <= NATS_ABOVE; nats++) {
      const curve = lmsr.inWindow(book.curve.b, book.quantities, gathered.offset + nats)
      if (costOf(curve) !== cost) continue
      book.curve = curve
      return
    }
    throw new ReplayError(
      `${event.eventName} cost ${cost} wei, the curve says ${expected} (transaction ${event.transactionHash})`,
    )
  }
}

/** Who made an event happen. */
export function actorOf(event: MarketEvent): Address {
  switch (event.eventName) {
    case 'Traded':
      return event.args.trader
    case 'OutcomeListed':
      return event.args.payer
    case 'LiquidityAdded':
      return event.args.provider
    case 'SetsMinted':
    case 'SetsBurned':
      return event.args.owner
  }
}
