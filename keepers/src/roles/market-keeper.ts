import { perpetualAbi } from '@lockstep/deployments'
import { type FeesOf, feesOf } from '@lockstep/deployments/protocol'
import { formatEther, isAddressEqual } from 'viem'
import type { Head } from '../chain/connect.ts'
import { readOwnFees } from '../chain/fees.ts'
import { readPaid } from '../chain/holdings.ts'
import { readContestWord, whyNotYet } from '../chain/contest-word.ts'
import {
  type Market,
  marketName,
  type Position,
  readMarkets,
  readPosition,
} from '../chain/markets.ts'
import { readSeries, type SeriesOf, seriesName, stepsDue } from '../chain/series.ts'
import { headSince, newRun, redeem, settle, type Trader } from '../chain/trading.ts'
import { transact } from '../chain/transact.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { Guard, type Tick } from './keeper.ts'
import { Pauses } from './pauses.ts'

/** What a market keeper does. */
export interface KeepingTerms {
  /** Only these markets; without them all that settle from the Judge, and all in which this account paid something. */
  readonly markets: readonly bigint[] | undefined
  /** Only these series; without them all. */
  readonly series: readonly bigint[] | undefined
  /** Fees of markets that are not resolved are collected when a part of them is this much, $AI wei. */
  readonly minFees: bigint
}

type MarketKeeping = Pick<Trader, 'contracts' | 'sender'> & {
  readonly log: Log
  readonly metrics: Metrics
}

/**
 * Settles markets whose time has come, and brings in what is this account's: shares and liquidity of resolved markets,
 * and its parts of fees; takes the steps of series, whose epochs follow each other by them. What is due is read from the chain at every look; of markets that are resolved and owe this
 * account nothing more nothing is read again.
 */
export class MarketKeeper {
  readonly #keeper: MarketKeeping
  readonly #terms: KeepingTerms
  readonly #guard: Guard
  readonly #pauses = new Pauses()
  readonly #over = new Set<bigint>()
  /** All fees of open markets when they were last looked at. */
  readonly #fees = new Map<bigint, bigint>()

  constructor(keeper: MarketKeeping, terms: KeepingTerms) {
    this.#keeper = keeper
    this.#terms = terms
    this.#guard = new Guard(keeper)
  }

  /** Does what is due; returns whether a market is left that is not over. */
  tick: Tick = async (head) => {
    const { contracts, sender } = this.#keeper
    if (head.number < sender.minedAt) return true // a node that lags behind
    this.#pauses.look()
    const mine = (await this.#kept(head)).filter((id) => !this.#over.has(id))
    const due = mine.filter((id) => !this.#pauses.isPaused(String(id)))
    for (const market of await readMarkets(contracts, due, head.number)) {
      const { id, status, terms } = market
      const worked = await this.#guard.run(`market ${marketName(id).slice(0, 12)}`, async () => {
        if (status !== 'open') await this.#collect(market, head)
        else if (head.time > BigInt(terms.closesAt)) await this.#settle(market, head)
        else await this.#collectFees(market)
      })
      this.#pauses[worked ? 'worked' : 'failed'](String(id))
    }
    await this.#rollAll(head)
    return mine.some((id) => !this.#over.has(id))
  }

  /**
   * The markets that are looked after. A contest of anybody's can say one thing to who asks and do another when a
   * transaction pays for it, so unasked only those are settled from it that this account has a part of.
   */
  async #kept({ number }: Head): Promise<bigint[]> {
    const { contracts, sender } = this.#keeper
    const { markets } = this.#terms
    const created = await contracts.history.events('MarketCreated', {}, number)
    const paid = markets ?? [...(await readPaid(contracts, sender.address, number)).keys()]
    const wanted = new Set(paid)
    return created
      .filter(
        ({ args: { market, terms } }) =>
          wanted.has(market) ||
          (markets === undefined && isAddressEqual(terms.source, contracts.judge)),
      )
      .map(({ args: { market } }) => market)
  }

  async #rollAll(head: Head): Promise<void> {
    const { series: wanted } = this.#terms
    for (const one of await readSeries(this.#keeper.contracts, head.number)) {
      if (wanted?.includes(one.id) === false) continue
      const name = `series ${seriesName(one.id).slice(0, 12)}`
      if (this.#pauses.isPaused(name)) continue
      const worked = await this.#guard.run(name, () => this.#roll(one, head))
      this.#pauses[worked ? 'worked' : 'failed'](name)
    }
  }

  /** Takes every step that a series waits for. */
  async #roll(series: SeriesOf, head: Head): Promise<void> {
    const { contracts, sender, log, metrics } = this.#keeper
    const { minFees } = this.#terms
    const due = await stepsDue(contracts, series, sender.address, head, minFees)
    for (const { functionName, args } of due) {
      await transact(sender, `${functionName}:${await newRun(this.#keeper)}`, {
        ...{ abi: perpetualAbi, address: contracts.perpetual, functionName, args },
      } as never)
      metrics.seriesSteps.inc({ step: functionName })
      log.info({ series: seriesName(series.id), step: functionName }, 'took a step of a series')
    }
  }

  async #settle(market: Market, head: Head): Promise<void> {
    const { contracts, log, metrics } = this.#keeper
    const { id, terms } = market
    const word = await readContestWord(contracts, terms)
    const why = whyNotYet(market, word, head.time)
    if (why !== undefined) {
      log.debug({ market: marketName(id), why }, 'not resolved yet')
      return this.#collectFees(market)
    }
    await settle(this.#keeper, id)
    metrics.marketsResolved.inc()
    const now = await headSince(this.#keeper)
    const [resolved] = await readMarkets(contracts, [id], now.number)
    log.info(
      { market: marketName(id), status: resolved.status, winners: resolved.winners },
      'resolved',
    )
    await this.#collect(resolved, now)
  }

  /** Takes all that this account has of a resolved market. */
  async #collect(market: Market, { number }: Head): Promise<void> {
    const { contracts, sender } = this.#keeper
    const { id, quantities } = market
    const own = await readPosition(contracts, id, quantities.length, sender.address, number)
    let due: FeesOf[][]
    try {
      due = await readOwnFees(contracts, market, sender.address)
    } catch (error) {
      // Whoever keeps the fees from being read keeps nothing else.
      await this.#redeem(id, own, [])
      throw error
    }
    const [fees = [], ...later] = due
    await this.#redeem(id, own, fees)
    if (later.length === 0) this.#over.add(id)
  }

  /** Takes this account's parts of an open market's fees, if they are worth it. */
  async #collectFees(market: Market): Promise<void> {
    const { contracts, sender } = this.#keeper
    const all = feesOf(market)
    if (this.#fees.get(market.id) === all) return // nothing was traded since
    const due = await readOwnFees(contracts, market, sender.address, this.#terms.minFees)
    const [fees = [], ...later] = due
    await this.#redeem(market.id, NOTHING, fees)
    if (later.length === 0) this.#fees.set(market.id, all)
  }

  async #redeem(id: bigint, position: Position, fees: readonly FeesOf[]): Promise<void> {
    const { log, metrics } = this.#keeper
    const paid = await redeem(this.#keeper, id, position, fees)
    if (paid === undefined) return
    const { outcomes: shares, liquidity } = paid
    const amounts = { shares, liquidity, fees: paid.fees }
    for (const [what, amount] of Object.entries(amounts)) {
      metrics.redeemed.inc({ for: what }, Number(formatEther(amount)))
    }
    const texts = Object.entries(amounts).map(([what, amount]) => [what, formatEther(amount)])
    log.info({ market: marketName(id), ...Object.fromEntries(texts) }, 'collected')
  }
}

const NOTHING: Position = { shares: [], liquidity: 0n }
