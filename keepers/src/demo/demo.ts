import { DEVNET_ACCOUNTS, type Devnet, startDevnet } from '@lockstep/deployments/devnet'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEMO_TRANSFORMER, transformerJob, type TransformerJob } from '@lockstep/repops'
import { SHIPPED_TEXT } from '../commands/order.ts'
import { checkLie, drawLie } from './lie.ts'
import { Network } from './network.ts'
import { type DemoOptions } from './options.ts'
import { type LogLine, Role } from './role.ts'
import { type DisputeRecord, type JobRecord, Story } from './story.ts'

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
const POLL_MILLISECONDS = 250

/** Who takes part, by the devnet account that it uses. */
const PLAYERS = { solver: 1, cheat: 2, challenger: 3, submitter: 4 } as const
type Player = keyof typeof PLAYERS
const NAMES: Record<Player, string> = {
  solver: 'honest solver',
  cheat: 'cheating solver',
  challenger: 'challenger',
  submitter: 'submitter',
}

/** Plays two jobs on a fresh local chain, with every role as a process of its own, and reports what happened. */
export async function runDemo(
  options: DemoOptions,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<DemoReport> {
  if (options.cheat !== undefined)
    await checkLie(buildJob(options, options.seed + 1n), options.cheat)
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'lockstep-demo-'))
  mkdirSync(folder, { recursive: true })
  const devnet = await startDevnet({
    kind: options.chain,
    onProgress: (step) => {
      tell(`chain: ${step}`)
    },
  })
  const demo = new Demo(options, devnet, resolve(folder), tell, signal)
  try {
    return await demo.run()
  } finally {
    await demo.stop()
    await devnet.stop()
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

class Demo {
  readonly #options: DemoOptions
  readonly #devnet: Devnet
  readonly #folder: string
  readonly #tell: (line: string) => void
  readonly #signal: AbortSignal
  readonly #network: Network
  readonly #story: Story
  readonly #roles = new Set<Role>()
  /** Claims that the challenger found right, and when their window ends. */
  readonly #checked = new Set<bigint>()
  readonly #windows = new Map<bigint, bigint>()
  readonly #losses = new Map<string, number[]>()
  readonly #problems = new Set<string>()
  #problem: string | undefined
  #peers = ''

  constructor(
    options: DemoOptions,
    devnet: Devnet,
    folder: string,
    tell: (line: string) => void,
    signal: AbortSignal,
  ) {
    this.#options = options
    this.#devnet = devnet
    this.#folder = folder
    this.#tell = tell
    this.#signal = signal
    this.#network = new Network(devnet.rpcUrl, devnet.deployment)
    const names = Object.entries(PLAYERS).map(
      ([player, index]) =>
        [DEVNET_ACCOUNTS[index].address.toLowerCase(), NAMES[player as Player]] as const,
    )
    this.#story = new Story(new Map(names), tell)
  }

  async run(): Promise<DemoReport> {
    const started = process.hrtime.bigint()
    const { seed, steps } = this.#options
    const { parameters, program } = buildJob(this.#options, seed)
    this.#tell(
      `the job: ${steps} training steps of a transformer with ${parameters.toLocaleString('en')} parameters, ` +
        `${program.nodes.length} operators a step`,
    )
    const ports = { solver: await freePort(), cheat: await freePort() }
    this.#peers = Object.values(ports)
      .map((port) => `http://127.0.0.1:${port}`)
      .join(',')
    await Promise.all([this.#stake('solver'), this.#stake('cheat')])
    this.#tell('both solvers have staked 20000 $AI')

    this.#tell('\nJob 1: an honest solver')
    this.#start('challenger', ['challenger', '--peer', this.#peers])
    const honest = this.#start('solver', this.#solver(ports.solver))
    const first = this.#submit(seed)
    const lie = this.#options.cheat ?? drawLie(buildJob(this.#options, seed + 1n), seed)
    await this.#until(() => this.#story.jobs[0]?.status === 'settled')
    await first.stop()

    this.#tell('\nJob 2: a cheat takes it first')
    await honest.stop()
    const { step, node, element, bit } = await lie
    const flags = `step=${step},node=${node},element=${element},bit=${bit}`
    this.#tell(`the lie: --cheat ${flags}`)
    this.#start('cheat', [...this.#solver(ports.cheat), '--cheat', flags])
    const second = this.#submit(seed + 1n)
    await this.#until(() => this.#story.jobs[1]?.status === 'taken')
    this.#start('solver', this.#solver(ports.solver))
    await this.#until(() => this.#story.jobs[1]?.status === 'settled')
    await second.stop()

    this.#addLosses()
    const { disputes } = this.#story
    const jobs = this.#story.jobs.map(({ id, solver, status, lossFirst, lossLast, paid }) => ({
      ...{ id, solver, status, lossFirst, lossLast, paid },
    }))
    const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000
    return { jobs, disputes, seconds }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#roles].map((role) => role.stop()))
  }

  #solver(port: number): string[] {
    return ['solver', '--serve-port', String(port), '--peer', this.#peers]
  }

  async #stake(player: Player): Promise<void> {
    await this.#start(player, ['stake', '--amount', '20000']).result()
  }

  #submit(seed: bigint): Role {
    const { steps, interval } = this.#options
    const terms = ['--reward', REWARD, '--stake', STAKE, '--work-seconds', '3600']
    const work = ['--steps', String(steps), '--interval', String(interval), '--seed', String(seed)]
    return this.#start('submitter', [
      ...['submit', '--model', MODEL, '--model-options', `batch=${BATCH}`, ...work, ...terms],
      ...['--serve-port', '0', '--peer', this.#peers, '--wait'],
    ])
  }

  #start(player: Player, args: readonly string[]): Role {
    const home = join(this.#folder, player)
    mkdirSync(home, { recursive: true })
    const role: Role = new Role({
      name: NAMES[player],
      args: [
        ...args,
        ...['--rpc', this.#devnet.rpcUrl, '--deployment', this.#devnet.deploymentFile],
        ...['--home', home, '--poll-seconds', '0.25'],
      ],
      privateKey: DEVNET_ACCOUNTS[PLAYERS[player]].privateKey,
      logFile: join(home, 'log.jsonl'),
      onLog: (line) => {
        this.#hear(player, line)
      },
      onEnd: (problem) => {
        this.#problem ??= problem
      },
    })
    this.#roles.add(role)
    return role
  }

  /** What a role says of its own work; everything else is read from the chain. */
  #hear(player: Player, line: LogLine): void {
    const { msg, loss, step, verdict, claim, problem } = line
    if (msg === 'progress' && player !== 'challenger' && typeof loss === 'number') {
      this.#tell(`  the ${NAMES[player]}: step ${String(step)}, loss ${loss.toFixed(4)}`)
      const solver = DEVNET_ACCOUNTS[PLAYERS[player]].address.toLowerCase()
      const key = `${String(line['computation'])} ${solver}`
      this.#losses.set(key, [...(this.#losses.get(key) ?? []), loss])
    }
    if (msg === 'checked a claim') {
      const job = this.#story.jobOf(BigInt(String(claim)))
      this.#tell(
        `  the challenger has run it again: the claim about job ${job?.id ?? '?'} is ${String(verdict)}`,
      )
      if (verdict === 'right') this.#checked.add(BigInt(String(claim)))
    }
    if (typeof problem === 'string' && !this.#problems.has(problem)) {
      this.#problems.add(problem)
      this.#tell(`  the ${NAMES[player]}: ${problem}`)
    }
  }

  /** The losses that a job's solver logged, by the computation that they are of. */
  #addLosses(): void {
    for (const job of this.#story.jobs) {
      const losses = this.#losses.get(`${job.computation} ${job.solver.toLowerCase()}`)
      job.lossFirst = losses?.at(0) ?? null
      job.lossLast = losses?.at(-1) ?? null
    }
  }

  /** Follows the chain until something holds. */
  async #until(holds: () => boolean): Promise<void> {
    for (;;) {
      for (const happening of await this.#network.happenings()) {
        this.#story.read(happening)
        for (const event of happening.events) {
          if (event.eventName === 'ClaimMade') {
            this.#windows.set(event.args.claim, BigInt(event.args.windowEnd))
          }
        }
      }
      await this.#skipWindows()
      if (holds()) return
      if (this.#problem !== undefined) throw new Error(this.#problem)
      if (this.#signal.aborted) throw new Error('stopped')
      await sleep(POLL_MILLISECONDS)
    }
  }

  /** Nobody but our challenger could still dispute a claim that it found right: no need to sit the window out. */
  async #skipWindows(): Promise<void> {
    for (const claim of this.#checked) {
      const end = this.#windows.get(claim)
      if (end === undefined) continue
      this.#checked.delete(claim)
      const seconds = end + 1n - (await this.#network.time())
      if (seconds <= 0n) continue
      await this.#devnet.rpc.call('evm_increaseTime', Number(seconds))
      await this.#devnet.rpc.call('evm_mine')
      this.#tell(
        `  the devnet's clock is moved ${seconds} seconds ahead, past the challenge window`,
      )
    }
  }
}

/** What `submit --model transformer` builds. */
function buildJob({ steps, interval }: DemoOptions, seed: bigint): TransformerJob {
  const config = { ...DEMO_TRANSFORMER, batch: BATCH }
  return transformerJob({ text: readFileSync(SHIPPED_TEXT), steps, interval, seed, config })
}

/** A port of 127.0.0.1 that is free now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port of 127.0.0.1')
  return address.port
}
