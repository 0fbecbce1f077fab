// Series and baskets of the fake world: what people put together, and what is left of it.
import { type Address, keccak256, encodeAbiParameters, zeroHash } from 'viem'
import type { Contest } from './contests.ts'
import { openContest } from './contests.ts'
import type { Market } from './markets.ts'
import { account, ACCOUNTS, AI, FAKE_DEPLOYMENT, pick, type Writer } from './world.ts'

export interface Series {
  readonly id: bigint
  readonly curator: Address
  shares: bigint
  turn: number
  epoch: number
  /** Epoch whose market is live. */
  live?: number
  isOver: boolean
}

export interface Basket {
  readonly id: bigint
  readonly legs: readonly { market: bigint; outcome: bigint; weight: bigint }[]
  supply: bigint
}

const { contracts } = FAKE_DEPLOYMENT

/** Begins a series, or takes the next step of one. */
export function rollOn(
  w: Writer,
  all: Series[],
  contests: Contest[],
  markets: readonly Market[],
): void {
  const series = pick(
    w.random,
    all.filter(({ isOver }) => !isOver),
  )
  if (series === undefined || w.random.below(8) === 0) {
    begin(w, all)
    return
  }
  const { id, curator } = series
  const end = (): void => {
    w.send(curator, contracts.perpetual)
  }
  const step = w.random.below(10)
  if (step === 0) {
    series.isOver = true
    w.emit('perpetual', 'WoundUp', { series: id, by: curator })
    end()
    return
  }
  if (step < 4 || series.epoch === 0) {
    openContest(w, contests, () => {
      const { id: contest } = contests[contests.length - 1]
      w.emit('perpetual', 'ContestOpened', { series: id, epoch: BigInt(series.epoch++), contest })
    })
    return
  }
  const epoch = BigInt(series.epoch - 1)
  if (series.live === undefined) {
    const market = markets.at(-1)
    if (market === undefined || step < 7) {
      takeTurn(w, series)
      end()
      return
    }
    series.live = series.epoch - 1
    const about = { series: id, epoch, market: market.id, b: market.book.curve.b }
    w.emit('perpetual', 'MarketOpened', { ...about, subsidy: w.random.magnitude(100n * AI) })
    end()
    return
  }
  const closed = { series: id, epoch: BigInt(series.live), back: w.random.magnitude(100n * AI) }
  w.emit('perpetual', 'MarketClosed', closed)
  delete series.live
  takeTurn(w, series)
  if (w.random.below(2) === 0) {
    const amount = w.random.magnitude(AI)
    w.emit('perpetual', 'CuratorPaid', { series: id, epoch: closed.epoch, amount })
    w.pay(contracts.perpetual, curator, amount)
  }
  end()
}

function begin(w: Writer, all: Series[]): void {
  const curator = account(w.random.below(ACCOUNTS))
  const id = BigInt(w.fresh())
  const terms = {
    ...{ evaluator: w.fresh(), rules: zeroHash, metadata: zeroHash, attester: curator },
    ...{ startsAt: w.now, minEntrants: 2, maxEntrants: 8, rounds: 1, epochSeconds: 1_800 },
    ...{ entrySeconds: 600, roundSeconds: 600, orderSeconds: 600, solveSeconds: 600 },
    ...{ workSeconds: 60, riskBps: 5_000, feeBps: 300, creatorBps: 4_000, modelBps: 1_000 },
    ...{ reward: AI, stake: AI, uri: '' },
  }
  w.emit('perpetual', 'SeriesCreated', { series: id, curator, terms })
  w.send(curator, contracts.perpetual)
  all.push({ id, curator, shares: 0n, turn: 1, epoch: 0, isOver: false })
}

function takeTurn(w: Writer, series: Series): void {
  const [minted, withdrawn] = [w.random.magnitude(10n ** 26n), w.random.upTo(series.shares)]
  series.shares += minted - withdrawn
  const done = { deposited: minted / 1_000n, minted, withdrawn, paid: withdrawn / 1_000n }
  w.emit('perpetual', 'TurnTaken', { series: series.id, turn: BigInt(series.turn++), done })
}

/** Makes shares of a basket, or takes some apart. */
export function weave(w: Writer, baskets: Basket[], markets: readonly Market[]): void {
  const owner = account(w.random.below(ACCOUNTS))
  const held = pick(w.random, baskets)
  if (held === undefined || w.random.below(3) === 0) {
    const market = pick(w.random, markets)
    if (market === undefined) return
    const legs = market.book.quantities.slice(0, 3).map((_, i) => {
      return { market: market.id, outcome: BigInt(i), weight: BigInt(1 + w.random.below(9)) }
    })
    const id = BigInt(keccak256(encodeAbiParameters([LEGS], [legs])))
    if (baskets.some((basket) => basket.id === id)) return
    baskets.push({ id, legs, supply: 0n })
    return
  }
  const shares = 1n + w.random.upTo(10n ** 10n)
  if (held.supply < shares) {
    if (held.supply === 0n) w.emit('basket', 'BasketMade', { basket: held.id, legs: held.legs })
    held.supply += shares
    w.emit('basket', 'Minted', { basket: held.id, owner, shares, cost: w.random.magnitude(AI) })
  } else {
    held.supply -= shares
    w.emit('basket', 'Burned', { basket: held.id, owner, shares, paid: w.random.magnitude(AI) })
  }
  w.send(owner, contracts.basket)
}

const LEGS = {
  type: 'tuple[]',
  components: [
    { name: 'market', type: 'uint256' },
    { name: 'outcome', type: 'uint256' },
    { name: 'weight', type: 'uint256' },
  ],
} as const
