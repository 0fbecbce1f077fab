import { statfs } from 'node:fs/promises'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Head } from './chain/connect.ts'

/** What one keeper process counts. Amounts of money are in whole units (floating point is for graphs only). */
export class Metrics {
  readonly registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>()
  readonly ticks = this.#counter('ticks', 'Looks at the chain')
  readonly failures = this.#counter('tick_failures', 'Looks at the chain that ended in an error', [
    'code',
  ])
  readonly transactions = this.#counter('transactions', 'Transactions by how they ended', [
    'move',
    'outcome',
  ])
  readonly gas = this.#counter('gas', 'Gas used by mined transactions', ['move'])
  readonly fees = this.#counter('fees_ether', 'Ether paid for mined transactions', ['kind'])
  readonly replacements = this.#counter('replacements', 'Transactions replaced at a higher fee')
  readonly steps = this.#counter('program_steps', 'Steps of programs executed')
  readonly served = this.#counter('http_requests', 'Requests answered by the artifact service', [
    'status',
  ])
  readonly tooSlow = this.#counter(
    'claims_too_slow',
    'Claims whose run or replay takes longer here than there is time',
    ['what'],
  )
  readonly openClaims = this.#gauge(
    'claims_open',
    'Claims that are not decided: own ones, those that are checked, or those that are answered for',
  )
  readonly decidedClaims = this.#counter(
    'claims_decided',
    'Claims that this keeper stands for, by how they were decided: upheld, or void and slashed',
    ['outcome'],
  )
  readonly checkedClaims = this.#counter('claims_checked', 'Claims that were run again', [
    'verdict',
  ])
  readonly openDisputes = this.#gauge(
    'disputes_open',
    'Disputes of this keeper that are not decided, by whose move is due',
    ['turn'],
  )
  readonly decidedDisputes = this.#counter(
    'disputes_decided',
    'Disputes of this keeper by how they were decided for it',
    ['outcome'],
  )
  readonly ownDeadline = this.#gauge(
    'own_deadline_seconds',
    'Timestamp at which the first of the moves that are due from this keeper is too late; none: nothing is due',
  )
  readonly runningJobs = this.#gauge('jobs_running', 'Jobs that are taken and not yet claimed')
  readonly stake = this.#gauge('stake_ai', '$AI in the vault that backs the work')
  readonly freeStake = this.#gauge('stake_free_ai', '$AI of that vault that nothing holds')
  readonly missed = this.#counter('claims_missed', 'Claims whose window ended before their check')
  readonly undefended = this.#counter(
    'claims_undefended',
    'Claims that name this delegate and disagree with its own run',
  )
  readonly lostDevices = this.#counter(
    'devices_lost',
    'Devices that were lost; what they computed goes on on the processor',
    ['backend'],
  )
  readonly unreportable = this.#counter(
    'evaluations_unreportable',
    'Evaluations that were paid for and whose score cannot be opened in their result',
  )
  readonly contests = this.#gauge('contests', 'Contests that are watched and not over')
  readonly marketTrades = this.#counter('market_trades', 'Trades on markets', ['side'])
  readonly marketsResolved = this.#counter('markets_resolved', 'Markets settled or voided')
  readonly seriesSteps = this.#counter('series_steps', 'Steps taken of perpetual series', ['step'])
  readonly redeemed = this.#counter('market_redeemed_ai', '$AI that markets paid', ['for'])
  readonly worstLoss = this.#gauge(
    'market_worst_loss_ai',
    '$AI that would be lost if the worst happened in every market',
  )
  readonly maxLoss = this.#gauge('market_max_loss_ai', '$AI that may be lost at most')
  readonly ready = this.#gauge('ready', 'Whether the last look at the chain ended well')
  readonly head = this.#gauge('head_block', 'Block number last seen')
  readonly headTime = this.#gauge('head_time_seconds', 'Timestamp of the block last seen')
  readonly regressions = this.#counter(
    'head_regressions',
    'Looks that found an older head than the one before: a reorganisation, or an endpoint that fell behind',
  )
  readonly balance = this.#gauge('balance_ether', 'Ether of the signing account')
  readonly openTransaction = this.#gauge(
    'transaction_open_since_seconds',
    'When the transaction was begun that is being followed to its end; none: there is none',
  )
  readonly freeBytes = this.#gauge('home_free_bytes', 'Bytes left on the disk of the home')
  readonly diskBytes = this.#gauge('home_disk_bytes', 'Size of the disk of the home')
  #home: string | undefined
  #lastHead = 0n

  constructor(role: string) {
    this.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    this.registry.setDefaultLabels({ role })
    collectDefaultMetrics({ register: this.registry as unknown as Registry })
  }

  /** What is left of the disk of a keeper's home is counted from now on. */
  watchHome(path: string): void {
    this.#home = path
  }

  /** Notes that the chain was looked at. */
  looked({ number, time }: Pick<Head, 'number' | 'time'>): void {
    if (number < this.#lastHead) this.regressions.inc()
    this.#lastHead = number
    this.head.set(Number(number))
    this.headTime.set(Number(time))
    this.ticks.inc()
  }

  /** The page of metrics, measured now. */
  async page(): Promise<string> {
    await this.#measureHome()
    return this.registry.metrics()
  }

  /** Whether the last look at the chain ended well. */
  async isReady(): Promise<boolean> {
    return (await this.ready.get()).values.at(0)?.value === 1
  }

  async #measureHome(): Promise<void> {
    if (this.#home === undefined) return
    try {
      const { bavail, blocks, bsize } = await statfs(this.#home)
      this.freeBytes.set(bavail * bsize)
      this.diskBytes.set(blocks * bsize)
    } catch {
      // Nothing lies there yet, or the disk is gone: no figure is better than an old one.
      this.freeBytes.remove()
      this.diskBytes.remove()
    }
  }

  #counter<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Counter<L> {
    return new Counter({
      name: `lockstep_${name}`,
      help,
      labelNames,
      registers: [this.registry as never],
    })
  }

  /** Not there before it is set, which is not zero: a role that has no balance is not about to run out of ether. */
  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    const gauge = new Gauge({
      name: `lockstep_${name}`,
      help,
      labelNames,
      registers: [this.registry as never],
    })
    if (labelNames.length === 0) gauge.remove()
    return gauge
  }
}
