import type { Devnet } from '@lockstep/deployments/devnet'
import { readFileSync } from 'node:fs'
import { DEMO_TRANSFORMER, transformerJob, type TransformerJob } from '@lockstep/repops'
import { SHIPPED_TEXT } from '../files/shipped.ts'
import { checkLie, drawLie } from './lie.ts'
import { type DemoOptions } from './options.ts'
import { type LogLine, type Role } from './role.ts'
import { freePort, type Play, type Player, playOnDevnet, type ShowPage, Stage } from './stage.ts'
import { type DisputeRecord, type JobRecord } from './story.ts'

export interface DemoReport {
  readonly jobs: readonly Omit<JobRecord, 'computation'>[]
  readonly disputes: readonly DisputeRecord[]
  readonly seconds: number
}

const MODEL = 'transformer'
// 320 tokens a step: sums over them have more than one segment, so that a dispute can go down to one.
const BATCH = 10
const REWARD = '1000'
const STAKE = '5000'

const PLAYERS = {
  solver: { name: 'honest solver', account: 1 },
  cheat: { name: 'cheating solver', account: 2 },
  challenger: { name: 'challenger', account: 3 },
  submitter: { name: 'submitter', account: 4 },
} as const satisfies Record<string, Player>
type Name = keyof typeof PLAYERS

/** Plays two jobs on a fresh local chain, with every role as a process of its own, and reports what happened. */
export async function runDemo(
  options: DemoOptions,
  tell: (line: string) => void,
  signal: AbortSignal,
  ended: (report: DemoReport) => Promise<void>,
): Promise<DemoReport> {
  if (options.cheat !== undefined)
    await checkLie(buildJob(options, options.seed + 1n), options.cheat)
  const { chain: kind, keep, page } = options
  return playOnDevnet(
    { kind, keep, page },
    tell,
    ended,
    (devnet, folder, show) => new Demo(options, devnet, folder, tell, signal, show),
  )
}

class Demo implements Play<DemoReport> {
  readonly #options: DemoOptions
  readonly #tell: (line: string) => void
  readonly #show: ShowPage
  readonly #stage: Stage<Name>
  readonly #losses = new Map<string, number[]>()
  #peers = ''

  constructor(
    options: DemoOptions,
    devnet: Devnet,
    folder: string,
    tell: (line: string) => void,
    signal: AbortSignal,
    show: ShowPage,
  ) {
    this.#options = options
    this.#show = show
    this.#tell = tell
    const hear = (player: Name, line: LogLine): void => {
      this.#hear(player, line)
    }
    const players = PLAYERS
    this.#stage = new Stage<Name>({
      ...{ devnet, folder, players, challenger: 'challenger', tell, signal, hear },
    })
  }

  async run(): Promise<DemoReport> {
    const started = process.hrtime.bigint()
    const { seed, steps } = this.#options
    const stage = this.#stage
    const { parameters, program } = buildJob(this.#options, seed)
    this.#tell(
      `the job: ${steps} training steps of a transformer with ${parameters.toLocaleString('en')} parameters, ` +
        `${program.nodes.length} operators a step`,
    )
    const ports = { solver: await freePort(), cheat: await freePort() }
    const stores = Object.values(ports).map((port) => `http://127.0.0.1:${port}`)
    this.#peers = stores.join(',')
    this.#show(stores)
    await Promise.all([this.#stake('solver'), this.#stake('cheat')])
    this.#tell('both solvers have staked 20000 $AI')

    this.#tell('\nJob 1: an honest solver')
    stage.start('challenger', ['challenger', '--peer', this.#peers])
    const honest = stage.start('solver', [...this.#solver(ports.solver), '--jobs', '1'])
    const first = this.#submit(seed)
    const lie = this.#options.cheat ?? drawLie(buildJob(this.#options, seed + 1n), seed)
    await stage.until(() => stage.story.jobs[0]?.status === 'settled')
    await first.stop()

    // The honest solver leaves it to the cheat, but still serves what it did.
    this.#tell('\nJob 2: a cheat takes it first')
    const { step, node, element, bit } = await lie
    const flags = `step=${step},node=${node},element=${element},bit=${bit}`
    this.#tell(`the lie: --cheat ${flags}`)
    stage.start('cheat', [...this.#solver(ports.cheat), '--cheat', flags])
    const second = this.#submit(seed + 1n)
    await stage.until(() => stage.story.jobs[1]?.status === 'taken')
    await honest.stop()
    stage.start('solver', this.#solver(ports.solver))
    await stage.until(() => stage.story.jobs[1]?.status === 'settled')
    await second.stop()

    this.#addLosses()
    const { disputes } = stage.story
    const jobs = stage.story.jobs.map(({ id, solver, status, lossFirst, lossLast, paid }) => ({
      ...{ id, solver, status, lossFirst, lossLast, paid },
    }))
    const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000
    return { jobs, disputes, seconds }
  }

  stop(): Promise<void> {
    return this.#stage.stop()
  }

  #solver(port: number): string[] {
    return ['solver', '--serve-port', String(port), '--peer', this.#peers]
  }

  async #stake(player: Name): Promise<void> {
    await this.#stage.start(player, ['stake', '--amount', '20000']).result()
  }

  #submit(seed: bigint): Role {
    const { steps, interval } = this.#options
    const terms = ['--reward', REWARD, '--stake', STAKE, '--work-seconds', '3600']
    const work = ['--steps', String(steps), '--interval', String(interval), '--seed', String(seed)]
    return this.#stage.start('submitter', [
      ...['submit', '--model', MODEL, '--model-options', `batch=${BATCH}`, ...work, ...terms],
      ...['--serve-port', '0', '--peer', this.#peers, '--wait'],
    ])
  }

  #hear(player: Name, { msg, loss, step, computation }: LogLine): void {
    if (msg !== 'progress' || player === 'challenger' || typeof loss !== 'number') return
    this.#tell(`  the ${PLAYERS[player].name}: step ${String(step)}, loss ${loss.toFixed(4)}`)
    const key = `${String(computation)} ${this.#stage.addressOf(player).toLowerCase()}`
    this.#losses.set(key, [...(this.#losses.get(key) ?? []), loss])
  }

  /** The losses that a job's solver logged, by the computation that they are of. */
  #addLosses(): void {
    for (const job of this.#stage.story.jobs) {
      const losses = this.#losses.get(`${job.computation} ${job.solver.toLowerCase()}`)
      job.lossFirst = losses?.at(0) ?? null
      job.lossLast = losses?.at(-1) ?? null
    }
  }
}

/** What `submit --model transformer` builds. */
function buildJob({ steps, interval }: DemoOptions, seed: bigint): TransformerJob {
  const config = { ...DEMO_TRANSFORMER, batch: BATCH }
  return transformerJob({ text: readFileSync(SHIPPED_TEXT), steps, interval, seed, config })
}
