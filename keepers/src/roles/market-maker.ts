import { formatShares, type Quote } from '@lockstep/deployments/protocol'
import { statSync, readFileSync } from 'node:fs'
import { formatEther } from 'viem'
import type { Head } from '../chain/connect.ts'
import { readHolding, readPaid, readStandings } from '../chain/holdings.ts'
import { readOwners } from '../chain/contest-word.ts'
import {
  type Market,
  marketName,
  priceHistory,
  readMarketIds,
  readMarkets,
} from '../chain/markets.ts'
import { burnSets, buy, sell, type Patience, type Trader } from '../chain/trading.ts'
import { type Beliefs, beliefsFromScores, beliefsOf, parseBeliefs } from '../delphi/beliefs.ts'
import { type Holding, worstLoss, worstLossOfAll } from '../delphi/exposure.ts'
import type { Replay } from '../delphi/replay.ts'
import { after, bestTrade, type Bounds, sellBack } from '../delphi/strategy.ts'
import { fail, oneLine } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { Guard, type Tick } from './keeper.ts'

/** How a market maker trades. Amounts are $AI wei, the edge 1e-18 $AI a share. */
export interface MakerTerms extends Patience {
  /** The most that may be lost in all markets together, whatever wins. */
  readonly maxLoss: bigint
  readonly maxTrade: bigint
  readonly minEdge: bigint
  /** So long before the end of trading everything is sold; 0: it is held. */
  readonly sellBackSeconds: number
  /** Only these; without them all of which something is believed. */
  readonly markets: readonly bigint[] | undefined
  /** JSON file with beliefs. */
  readonly beliefs: string | undefined
  /** What one round moves a total by, to believe in scores. */
  readonly scoreNoise: number | undefined
}

type MakerKeeper = Trader & { readonly log: Log; readonly metrics: Metrics }

/** A market, and what this account has of it. */
interface Stake {
  readonly market: Market
  readonly holding: Holding
}

/**
 * Trades towards its beliefs, and never so that the worst outcome of all its markets together would lose more than
 * `maxLoss`. All that it has and has paid it reads from the chain at every look; one trade a look, so that each is
 * planned on what the one before has left.
 */
export class MarketMaker {
  readonly #keeper: MakerKeeper
  readonly #terms: MakerTerms
  readonly #guard: Guard
  readonly #replays = new Map<bigint, Replay>()
  /** Resolved markets in which nothing is held any more: what was paid for them stays as it is. */
  readonly #over = new Set<bigint>()
  #file: { readonly version: string; readonly beliefs: Beliefs } | undefined
  /** Markets that the file speaks of and that were found missing, and whether the limit was found reached: said once. */
  readonly #missing = new Set<bigint>()
  #isBeyond = false

  constructor(keeper: MakerKeeper, terms: MakerTerms) {
    this.#keeper = keeper
    this.#terms = terms
    this.#guard = new Guard(keeper)
  }

  /** Trades once if there is something worth it; returns whether it did, or has to look again to know. */
  tick: Tick = async (head) => {
    const { contracts, sender, metrics } = this.#keeper
    // A node that lags behind shows a chain without the last trade: what that has spent would be spent again.
    if (head.number < sender.minedAt) return true
    const beliefs = this.#readBeliefs()
    const paid = await readPaid(contracts, sender.address, head.number)
    const wanted = await this.#wanted(beliefs, head)
    const stakes = await this.#stakes(wanted, paid, head)
    const settled = [...paid].filter(([market]) => this.#over.has(market))
    const lostForGood = settled.reduce((sum, [, amount]) => sum + amount, 0n)
    const loss = lostForGood + worstLossOfAll(stakes.map(({ holding }) => holding))
    metrics.worstLoss.set(Number(formatEther(loss)))
    this.#tellLimit(loss)
    metrics.maxLoss.set(Number(formatEther(this.#terms.maxLoss)))
    for (const stake of stakes) {
      const { market, holding } = stake
      if (!wanted.has(market.id) && !this.#isSellingBack(market, head)) continue
      const done = { traded: false }
      await this.#guard.run(`market ${marketName(market.id).slice(0, 12)}`, async () => {
        const maxLoss = this.#terms.maxLoss - (loss - worstLoss(holding))
        done.traded = await this.#trade(stake, { ...this.#terms, maxLoss }, beliefs, head)
      })
      if (done.traded) return true
    }
    return false
  }

  /** The markets that are to be traded. */
  async #wanted(beliefs: Beliefs, head: Head): Promise<ReadonlySet<bigint>> {
    const ids = await readMarketIds(this.#keeper.contracts, head.number)
    this.#tellMissing(beliefs, ids)
    const { markets, scoreNoise } = this.#terms
    const isWanted = (id: bigint) =>
      markets?.includes(id) ?? (scoreNoise !== undefined || beliefs.has(id))
    return new Set(ids.filter((id) => isWanted(id) && !this.#over.has(id)))
  }

  #tellMissing(beliefs: Beliefs, ids: readonly bigint[]): void {
    for (const market of beliefs.keys()) {
      if (ids.includes(market)) this.#missing.delete(market)
      else if (!this.#missing.has(market)) {
        this.#missing.add(market)
        this.#keeper.log.warn(
          { market: marketName(market), file: this.#terms.beliefs },
          'the beliefs speak of a market that is not there: it takes its whole id',
        )
      }
    }
  }

  #tellLimit(loss: bigint): void {
    const isBeyond = loss >= this.#terms.maxLoss
    if (isBeyond && !this.#isBeyond) {
      this.#keeper.log.warn(
        { worstLoss: formatEther(loss), atMost: formatEther(this.#terms.maxLoss) },
        'the limit is reached: nothing is traded that could lose more; --max-loss raises it',
      )
    }
    this.#isBeyond = isBeyond
  }

  /** All markets that are wanted, and all in which something was paid, as they stand. */
  async #stakes(
    wanted: ReadonlySet<bigint>,
    paid: ReadonlyMap<bigint, bigint>,
    head: Head,
  ): Promise<Stake[]> {
    const { contracts, sender } = this.#keeper
    const ids = [...new Set([...wanted, ...paid.keys()])].filter((id) => !this.#over.has(id))
    const markets = await readMarkets(contracts, ids, head.number)
    const found = await Promise.all(
      markets.map(async (market): Promise<Stake[]> => {
        const own = paid.get(market.id)
        const holding = await readHolding(contracts, market, sender.address, own ?? 0n, head)
        const check = async () =>
          void (await priceHistory(contracts, market, head.number, this.#replays))
        const isOurs = own !== undefined || holding.shares.some((shares) => shares > 0n)
        if (isOurs) {
          // An endpoint that keeps trades back would make the loss look smaller than it is.
          await check()
          return [{ market, holding }]
        }
        // Where nothing is at stake, what is wrong with one market keeps nothing from the others.
        const name = `history of market ${marketName(market.id).slice(0, 12)}`
        return (await this.#guard.run(name, check)) ? [{ market, holding }] : []
      }),
    )
    const stakes = found.flat()
    for (const { market, holding } of stakes) {
      const isOver = market.status !== 'open' && holding.shares.every((own) => own === 0n)
      if (isOver) this.#over.add(market.id)
    }
    return stakes.filter(({ market }) => !this.#over.has(market.id))
  }

  /** Returns whether it did anything. */
  async #trade(
    { market, holding }: Stake,
    bounds: Bounds,
    beliefs: Beliefs,
    head: Head,
  ): Promise<boolean> {
    if (market.status !== 'open' || head.time > BigInt(market.terms.closesAt)) return false
    if (await this.#takeBackSets(market, holding)) return true
    if (this.#isSellingBack(market, head)) {
      const quote = sellBack(market, holding, bounds)
      return quote !== undefined && this.#send(market, holding, quote, bounds)
    }
    if (market.isHalted) return false
    const believed = await this.#believed(market, beliefs)
    const quote = believed && bestTrade(market, holding, believed, bounds)
    return quote !== undefined && this.#send(market, holding, quote, bounds)
  }

  #isSellingBack({ terms, status }: Market, { time }: Head): boolean {
    const { sellBackSeconds } = this.#terms
    return (
      status === 'open' &&
      sellBackSeconds > 0 &&
      time <= BigInt(terms.closesAt) &&
      time + BigInt(sellBackSeconds) > BigInt(terms.closesAt)
    )
  }

  /**
   * Complete sets are worth their 1 $AI at any time, without a fee, while as many are in circulation. To make them and
   * sell their shares, or to buy all outcomes and take them back, earns nothing: prices on this curve add up to 1.
   */
  async #takeBackSets({ id, sets }: Market, { shares }: Holding): Promise<boolean> {
    const own = shares.reduce((least, held) => (held < least ? held : least))
    const taken = own < sets ? own : sets
    if (taken === 0n) return false
    await burnSets(this.#keeper, id, taken)
    this.#keeper.log.info({ market: marketName(id), sets: formatShares(taken) }, 'took back sets')
    return true
  }

  async #believed(market: Market, beliefs: Beliefs): Promise<(bigint | undefined)[] | undefined> {
    const { contracts } = this.#keeper
    const outcomes = market.quantities.length
    if (beliefs.has(market.id)) {
      return beliefsOf(beliefs, market.id, await readOwners(contracts, market.terms, outcomes))
    }
    const { scoreNoise } = this.#terms
    if (scoreNoise === undefined) return undefined
    const found = await readStandings(contracts, market.terms, outcomes)
    return found && beliefsFromScores(found.standings, found.rounds, scoreNoise)
  }

  async #send(market: Market, holding: Holding, quote: Quote, bounds: Bounds): Promise<boolean> {
    const { log, metrics } = this.#keeper
    const { side, outcome, priceBefore, priceAfter } = quote
    const trade = await (side === 'buy' ? buy : sell)(this.#keeper, market.id, quote, this.#terms)
    metrics.marketTrades.inc({ side })
    log.info(
      {
        market: marketName(market.id),
        side,
        outcome,
        shares: formatShares(trade.shares),
        amount: formatEther(trade.amount),
        priceBefore: formatEther(priceBefore),
        priceAfter: formatEther(priceAfter),
        worstLoss: formatEther(worstLoss(after(holding, quote, 0))),
        atMost: formatEther(bounds.maxLoss),
      },
      'traded',
    )
    return true
  }

  /** The file's beliefs, read again where it has changed. */
  #readBeliefs(): Beliefs {
    const { beliefs: path } = this.#terms
    if (path === undefined) return new Map()
    try {
      const { mtimeMs, size } = statSync(path)
      const version = `${mtimeMs} ${size}`
      if (this.#file?.version !== version) {
        this.#file = { version, beliefs: parseBeliefs(readFileSync(path, 'utf8')) }
        this.#keeper.log.info({ path, markets: this.#file.beliefs.size }, 'read beliefs')
      }
      return this.#file.beliefs
    } catch (cause) {
      // Nothing is traded on what was believed before.
      throw fail.badSetting(
        {
          what: `the beliefs cannot be used: ${oneLine(cause)}`,
          where: path,
          advice: 'they are JSON: { "<market>": [probability of each outcome] }',
        },
        { cause },
      )
    }
  }
}
