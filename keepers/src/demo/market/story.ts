import { type Address, formatEther, formatUnits } from 'viem'
import type { Happening, ProtocolEvent } from '../network.ts'
import { withArticle } from '../story.ts'

const SHARE_DECIMALS = 9

/** What a market and the contest that it settles from came to, as the chain tells it. Amounts are $AI wei. */
export class MarketStory {
  readonly #names: ReadonlyMap<string, string>
  readonly #tell: (line: string) => void
  /** By number of the entrant. */
  readonly owners: Address[] = []
  /** Jobs by who posted them, in order. */
  readonly jobs = new Map<string, bigint[]>()
  /** Evaluations: round, entrant, job. */
  readonly evaluations: {
    round: number
    entrant: number
    job: bigint
    score: number | undefined
  }[] = []
  /** By account in lower case: paid in for shares, less what sales brought. */
  readonly spent = new Map<string, bigint>()
  readonly redeemed = new Map<string, bigint>()
  readonly revealed = { entries: 0, testSets: 0 }
  /** Unix seconds of what a plot marks. */
  readonly marks: { block: bigint; what: string }[] = []
  verdict: 'decided' | 'void' | undefined
  /** Numbers of the entrants that the contract says won. */
  winners: readonly number[] = []
  status: 'none' | 'open' | 'settled' | 'void' = 'none'

  constructor(names: ReadonlyMap<string, string>, tell: (line: string) => void) {
    this.#names = names
    this.#tell = tell
  }

  read({ events }: Happening): void {
    for (const event of events) this.#read(event)
  }

  scoreOf(round: number, entrant: number): number | undefined {
    return this.evaluations.find((one) => one.round === round && one.entrant === entrant)?.score
  }

  #read(event: ProtocolEvent): void {
    switch (event.eventName) {
      case 'JobPosted': {
        const account = event.args.submitter.toLowerCase()
        this.jobs.set(account, [...(this.jobs.get(account) ?? []), event.args.job])
        break
      }
      case 'Entered': {
        const { entrant, owner, commitment } = event.args
        this.owners[Number(entrant)] = owner
        this.#tell(
          `  ${this.#name(owner)} enters as entrant ${entrant}: all that is seen is ${commitment.slice(0, 10)}…`,
        )
        break
      }
      case 'EntryRevealed': {
        const { entrant, root } = event.args
        this.revealed.entries += 1
        this.#tell(`  entrant ${entrant} is revealed: the model with root ${root.slice(0, 10)}…`)
        break
      }
      case 'TestSetRevealed': {
        const { round } = event.args
        this.revealed.testSets += 1
        this.marks.push({ block: event.blockNumber, what: `test set ${Number(round) + 1} shown` })
        this.#tell(`  the test set of round ${Number(round) + 1} is revealed`)
        break
      }
      case 'EvaluationOrdered': {
        const { entrant, round, job } = event.args
        this.evaluations.push({
          ...{ round: Number(round), entrant: Number(entrant), job, score: undefined },
        })
        this.#tell(
          `  job ${job} evaluates ${this.#entrant(entrant)}'s model in round ${Number(round) + 1}`,
        )
        break
      }
      case 'EvaluationReported': {
        const { entrant, round, score } = event.args
        const found = this.evaluations.find(
          (one) => one.round === Number(round) && one.entrant === Number(entrant),
        )
        if (found !== undefined) found.score = score
        this.#tell(
          `  ${this.#entrant(entrant)}'s score of round ${Number(round) + 1}: ${score}, a perplexity of ${perplexity(score)}`,
        )
        break
      }
      case 'Concluded': {
        const { winners } = event.args
        this.verdict = winners === 0n ? 'void' : 'decided'
        this.winners = [...this.owners.keys()].filter((i) => ((winners >> BigInt(i)) & 1n) === 1n)
        const names = this.winners.map((i) => this.#name(this.owners[i]))
        this.#tell(
          names.length === 0
            ? 'the contest is void'
            : `the contest is decided: ${names.join(', ')} won`,
        )
        break
      }
      case 'MarketCreated': {
        const { outcomes, subsidy, creator } = event.args
        this.status = 'open'
        this.#tell(
          `${this.#name(creator)} creates a market of ${outcomes} outcomes with a subsidy of ${ai(subsidy)}`,
        )
        break
      }
      case 'Traded': {
        const { trader, outcome, shares, cost } = event.args
        this.#add(this.spent, trader, cost)
        const what = shares > 0n ? 'buys' : 'sells'
        const count = formatUnits(shares > 0n ? shares : -shares, SHARE_DECIMALS)
        this.#tell(
          `  ${this.#name(trader)} ${what} ${Number(count).toFixed(2)} shares of ${this.#entrant(outcome)} for ${ai(cost > 0n ? cost : -cost)}`,
        )
        break
      }
      case 'MarketSettled': {
        this.status = 'settled'
        this.marks.push({ block: event.blockNumber, what: 'settled' })
        this.#tell('the market is settled')
        break
      }
      case 'MarketVoided': {
        this.status = 'void'
        this.#tell('the market is void: shares are paid their average price')
        break
      }
      case 'Redeemed':
      case 'LiquidityRedeemed': {
        const { owner, paid } = event.args
        if (paid === 0n) break // fees are collected beside
        this.#add(this.redeemed, owner, paid)
        this.#tell(`  ${this.#name(owner)} is paid ${ai(paid)}`)
        break
      }
    }
  }

  #add(sums: Map<string, bigint>, account: Address, amount: bigint): void {
    const key = account.toLowerCase()
    sums.set(key, (sums.get(key) ?? 0n) + amount)
  }

  #name(address: Address): string {
    return withArticle(this.#names.get(address.toLowerCase()) ?? address)
  }

  #entrant(index: bigint): string {
    const owner = this.owners.at(Number(index))
    return owner === undefined ? `entrant ${index}` : this.#name(owner)
  }
}

/** Of a mean loss in millionths of a nat; for people, so any logarithm does. */
export const perplexity = (score: number): string => Math.exp(-score / 1e6).toFixed(2)

const ai = (amount: bigint): string => `${Number(formatEther(amount)).toFixed(2)} $AI`
