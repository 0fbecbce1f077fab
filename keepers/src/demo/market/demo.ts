import { DEVNET_ACCOUNTS, type Devnet } from '@lockstep/deployments/devnet'
import { writeFileSync } from 'node:fs'
import { formatEther } from 'viem'
import { freePort, type Play, playOnDevnet, type ShowPage, Stage } from '../stage.ts'
import type { DisputeRecord } from '../story.ts'
import { CAST, type Name, type Owner, OWNERS } from './cast.ts'
import { scoreLie } from './lie.ts'
import type { MarketDemoOptions } from './options.ts'
import { plotSvg, plotText, type PriceLine } from './plot.ts'
import { MarketStory, perplexity } from './story.ts'
import { evaluatorOf, TIMES, writeFiles } from './terms.ts'

/** What came of the play. Amounts are $AI. */
export interface MarketDemoReport {
  readonly entrants: readonly {
    readonly name: string
    /** By round, in millionths of a nat, and what they add up to. */
    readonly scores: readonly number[]
    readonly total: number
    /** Of the last trade. */
    readonly price: string
    readonly won: boolean
  }[]
  readonly traders: readonly {
    readonly name: string
    readonly paid: string
    readonly redeemed: string
  }[]
  readonly disputes: readonly DisputeRecord[]
  readonly plot: string
  readonly seconds: number
}

// 320 tokens a step: sums over them have more than one segment.
const BATCH = 10
const REWARD = '200'
const STAKE = '5000'
const LIQUIDITY = '300'

/** How each model is trained: part of the steps, and learning rate. */
const TRAINING: Readonly<Record<Owner, { readonly part: number; readonly learningRate: number }>> =
  {
    ada: { part: 1, learningRate: 6e-3 },
    ben: { part: 1 / 4, learningRate: 6e-3 },
    cyd: { part: 1, learningRate: 2e-3 },
  }

/** Plays a market from the training of its models to its redemption, with every role as a process of its own. */
export function runMarketDemo(
  options: MarketDemoOptions,
  tell: (line: string) => void,
  signal: AbortSignal,
  ended: (report: MarketDemoReport) => Promise<void>,
): Promise<MarketDemoReport> {
  const { keep, page } = options
  return playOnDevnet(
    { kind: undefined, keep, page },
    tell,
    ended,
    (devnet, folder, show) => new MarketDemo(options, devnet, folder, tell, signal, show),
  )
}

class MarketDemo implements Play<MarketDemoReport> {
  readonly #options: MarketDemoOptions
  readonly #folder: string
  readonly #tell: (line: string) => void
  readonly #show: ShowPage
  readonly #stage: Stage<Name>
  readonly #story: MarketStory
  readonly #jobs = new Map<Owner, bigint>()
  #peers = ''

  constructor(
    options: MarketDemoOptions,
    devnet: Devnet,
    folder: string,
    tell: (line: string) => void,
    signal: AbortSignal,
    show: ShowPage,
  ) {
    this.#options = options
    this.#show = show
    this.#folder = folder
    this.#tell = tell
    const names = Object.values(CAST).map(
      ({ name, account }) => [DEVNET_ACCOUNTS[account].address.toLowerCase(), name] as const,
    )
    this.#story = new MarketStory(new Map(names), tell)
    this.#stage = new Stage<Name>({
      ...{ devnet, folder, players: CAST, challenger: 'challenger', tell, signal },
      watch: (happening) => {
        this.#story.read(happening)
      },
    })
  }

  async run(): Promise<MarketDemoReport> {
    const started = process.hrtime.bigint()
    const stage = this.#stage
    const tell = this.#tell
    const ports = { solver: await freePort(), cheat: await freePort(), organiser: await freePort() }
    const uri = `http://127.0.0.1:${ports.organiser}`
    const stores = Object.values(ports).map((port) => `http://127.0.0.1:${port}`)
    this.#peers = stores.join(',')
    this.#show(stores)
    const files = writeFiles(this.#folder, uri)

    tell('\nThree models are trained')
    await Promise.all([this.#stake('solver'), this.#stake('cheat')])
    stage.start('challenger', ['challenger', '--peer', this.#peers])
    const honest = stage.start('solver', this.#solver(ports.solver))
    await this.#train(files.train)

    tell('\nA contest over text that nobody has seen, and a market on it')
    await stage.startServing('organiser', ['attest', '--serve-port', String(ports.organiser)])
    const opened = await stage.ask('organiser', ['contest', 'open', files.terms])
    const contest = String(opened['contest'])
    const openedAt = await stage.network.time()
    for (const owner of OWNERS) await this.#enter(owner, contest)
    const created = await stage.ask('organiser', [
      ...['market', 'create', '--contest', contest, '--liquidity', LIQUIDITY],
      ...['--fee-bps', '100', '--creator-bps', '2000', '--model-bps', '3000'],
    ])
    const market = String(created['market'])
    for (const [owner, budget] of [
      ['ben', 90],
      ['ada', 120],
      ['cyd', 60],
    ] as const)
      await this.#buy(owner, market, owner, budget)

    tell('\nRound 1: the first test set is shown')
    const [first, second] = TIMES.rounds
    await stage.skipTo(openedAt + BigInt(TIMES.entriesClose + 60), 'past the closing of entries')
    for (const owner of OWNERS)
      await stage.ask(owner, [
        ...['contest', 'reveal', contest, '--serve-port', '0', '--peer', this.#peers],
      ])
    await stage.skipTo(openedAt + BigInt(first.opensAt + 60), 'to the first round')
    const evaluator = stage.start('organiser', [
      ...['evaluator', '--contests', contest, '--peer', this.#peers],
    ])
    await stage.until(() => this.#isScored(0))

    tell('\nThe market has seen the first scores')
    await this.#trade(market)

    tell('\nRound 2: a cheat evaluates one model')
    await honest.stop()
    // It leaves the evaluations to the cheat, but still serves what it did.
    const trained = [...this.#jobs.values()].join(',')
    const serving = stage.start('solver', [...this.#solver(ports.solver), '--jobs', trained])
    await stage.skipTo(openedAt + BigInt(second.opensAt + 60), 'to the last round; trading is over')
    await stage.until(() => this.#evaluationsOf(1).length === OWNERS.length)
    await this.#cheat(ports.cheat, evaluatorOf(files.train))
    await serving.stop()
    stage.start('solver', this.#solver(ports.solver))
    await stage.until(() => this.#story.verdict !== undefined)

    await evaluator.stop()

    tell('\nSettlement')
    for (const name of [...OWNERS, 'maker', 'organiser'] as const)
      await stage.ask(name, ['market', 'redeem', market, '--fees'])
    const lines = await this.#plot(market)
    const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000
    return this.#report(lines, seconds)
  }

  stop(): Promise<void> {
    return this.#stage.stop()
  }

  async #stake(player: Name): Promise<void> {
    await this.#stage.ask(player, ['stake', '--amount', '20000'])
  }

  #solver(port: number): string[] {
    return ['solver', '--serve-port', String(port), '--peer', this.#peers]
  }

  /** Posts the training jobs and waits until all of them are settled. */
  async #train(text: string): Promise<void> {
    const stage = this.#stage
    const { seed, steps } = this.#options
    for (const [index, owner] of OWNERS.entries()) {
      const { part, learningRate } = TRAINING[owner]
      const count = Math.max(1, Math.round(part * steps))
      stage.start(owner, [
        ...['submit', '--model', 'transformer', '--text', text],
        ...['--model-options', `batch=${BATCH},learningRate=${learningRate},flat=true`],
        ...['--steps', String(count), '--interval', '8', '--seed', String(seed + BigInt(index))],
        ...['--reward', REWARD, '--stake', STAKE, '--work-seconds', '3600'],
        ...['--serve-port', '0', '--peer', this.#peers, '--wait'],
      ])
      const account = stage.addressOf(owner).toLowerCase()
      await stage.until(() => {
        const job = this.#story.jobs.get(account)?.at(0)
        if (job !== undefined) this.#jobs.set(owner, job)
        return job !== undefined
      })
    }
    await stage.until(() =>
      [...this.#jobs.values()].every(
        (job) => stage.story.jobs[Number(job) - 1].status === 'settled',
      ),
    )
  }

  async #enter(owner: Owner, contest: string): Promise<void> {
    const job = String(this.#jobs.get(owner))
    await this.#stage.ask(owner, [
      ...['contest', 'enter', contest, '--model', job, '--peer', this.#peers],
    ])
  }

  async #buy(trader: Name, market: string, of: Owner, budget: number): Promise<void> {
    await this.#think(240n)
    await this.#stage.ask(trader, [
      ...['market', 'buy', market, '--outcome', this.#stage.addressOf(of)],
      ...['--budget', String(budget)],
    ])
  }

  /** Lets time pass before a trade, so that the plot has some between them. */
  async #think(seconds: bigint): Promise<void> {
    await this.#stage.skipTo((await this.#stage.network.time()) + seconds, 'to the next trade')
  }

  /** The market maker believes the scores; whose model is last sells what it has. */
  async #trade(market: string): Promise<void> {
    const byScore = OWNERS.toSorted((a, b) => this.#scoreOf(0, b) - this.#scoreOf(0, a))
    await this.#think(900n)
    await this.#stage.ask('maker', [
      ...[
        'market-maker',
        '--markets',
        market,
        '--max-loss',
        '400',
        '--max-trade',
        '100',
        '--score-noise',
        '100000',
        '--once',
      ],
    ])
    await this.#think(1_500n)
    await this.#sellAll(byScore[2], market)
  }

  async #sellAll(owner: Owner, market: string): Promise<void> {
    const shown = await this.#stage.ask(owner, [
      ...['market', 'show', market, '--account', this.#stage.addressOf(owner)],
    ])
    const outcome = this.#entrantOf(owner)
    const { own } = (shown['outcomes'] as readonly { own: string }[])[outcome]
    await this.#stage.ask(owner, [
      ...['market', 'sell', market, '--outcome', String(outcome), '--shares', own],
    ])
  }

  /** Lets the cheat have the evaluation of the model that is last, and waits until it is open again. */
  async #cheat(port: number, evaluator: ReturnType<typeof evaluatorOf>): Promise<void> {
    const stage = this.#stage
    const [worst] = OWNERS.toSorted((a, b) => this.#scoreOf(0, a) - this.#scoreOf(0, b))
    const entrant = this.#entrantOf(worst)
    const { job } = this.#evaluationsOf(1).find((one) => one.entrant === entrant)!
    // The score of the first round stands for that of the second: their upper bits are the same.
    const lie = scoreLie(evaluator, this.#scoreOf(0, worst))
    const flags = Object.entries(lie).map(([name, value]) => `${name}=${value}`)
    this.#tell(`  the lie about ${CAST[worst].name}'s model: --cheat ${flags.join(',')}`)
    const cheat = stage.start('cheat', [
      ...[...this.#solver(port), '--jobs', String(job), '--cheat', flags.join(',')],
    ])
    const { disputes } = stage.story
    await stage.until(() => disputes.some(({ winner }) => winner !== null))
    await cheat.stop()
  }

  #evaluationsOf(round: number) {
    return this.#story.evaluations.filter((one) => one.round === round)
  }

  #isScored(round: number): boolean {
    const all = this.#evaluationsOf(round)
    return all.length === OWNERS.length && all.every(({ score }) => score !== undefined)
  }

  #entrantOf(owner: Owner): number {
    const account = this.#stage.addressOf(owner).toLowerCase()
    return this.#story.owners.findIndex((found) => found.toLowerCase() === account)
  }

  #scoreOf(round: number, owner: Owner): number {
    return this.#story.scoreOf(round, this.#entrantOf(owner)) ?? NaN
  }

  async #plot(market: string): Promise<PriceLine[]> {
    const shown = await this.#stage.ask('organiser', ['market', 'show', market, '--history'])
    const history = shown['history'] as readonly { time: number; prices: readonly string[] }[]
    const lines = OWNERS.map((owner) => ({
      name: CAST[owner].name,
      points: history.map(({ time, prices }) => ({
        time,
        price: Number(prices[this.#entrantOf(owner)]),
      })),
    }))
    const marks = await Promise.all(
      this.#story.marks.map(async ({ block, what }) => ({ time: await this.#timeOf(block), what })),
    )
    writeFileSync(this.#options.plot, plotSvg(lines, marks, 'Which model predicts best: prices'))
    this.#tell('\nPrices over time')
    for (const line of plotText(lines, marks)) this.#tell(line)
    this.#tell(`the same as a picture: ${this.#options.plot}`)
    return lines
  }

  async #timeOf(block: bigint): Promise<number> {
    const { timestamp } = await this.#stage.network.client.getBlock({ blockNumber: block })
    return Number(timestamp)
  }

  #report(lines: readonly PriceLine[], seconds: number): MarketDemoReport {
    const entrants = OWNERS.map((owner, index) => {
      const scores = [this.#scoreOf(0, owner), this.#scoreOf(1, owner)]
      const price = (lines[index].points.at(-1)?.price ?? 0).toFixed(4)
      const won = this.#story.winners.includes(this.#entrantOf(owner))
      return { name: CAST[owner].name, scores, total: scores[0] + scores[1], price, won }
    })
    const traders = [...OWNERS, 'maker' as const].map((name) => {
      const account = this.#stage.addressOf(name).toLowerCase()
      const [paid, redeemed] = [this.#story.spent.get(account), this.#story.redeemed.get(account)]
      return {
        name: CAST[name].name,
        paid: formatEther(paid ?? 0n),
        redeemed: formatEther(redeemed ?? 0n),
      }
    })
    for (const { name, scores } of entrants)
      this.#tell(`${name}: perplexities ${scores.map(perplexity).join(' and ')}`)
    return {
      entrants,
      traders,
      disputes: this.#stage.story.disputes,
      plot: this.#options.plot,
      seconds,
    }
  }
}
