import {
  DEVNET_ACCOUNTS,
  type Devnet,
  type DevnetOptions,
  startDevnet,
} from '@lockstep/deployments/devnet'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from 'viem'
import { fail, type LockstepError, oneLine } from '../errors.ts'
import { type Service, startServices } from '../up/services.ts'
import { type Happening, Network } from './network.ts'
import { type LogLine, Role } from './role.ts'
import { Story, withArticle } from './story.ts'
import { Windows } from './windows.ts'

/** Who takes part: what people call it, and the devnet account that it uses. */
export interface Player {
  readonly name: string
  readonly account: number
}

export interface StageOptions<P extends string> {
  readonly devnet: Devnet
  /** Homes and logs of the players. */
  readonly folder: string
  readonly players: Readonly<Record<P, Player>>
  /** The player that runs every claim again: what it finds right needs no window. */
  readonly challenger: P
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
  /** Whether the clock runs as everywhere: no challenge window is skipped. */
  readonly realTime?: boolean
  /** What a role says of its own work; everything else is read from the chain. */
  readonly hear?: (player: P, line: LogLine) => void
  /** Sees every transaction, after the story. */
  readonly watch?: (happening: Happening) => void
}

const POLL_MILLISECONDS = 250

/** A devnet with roles on it, each a process of its own, whose clock is moved past what nobody waits for. */
export class Stage<P extends string> {
  readonly story: Story
  readonly network: Network
  readonly #options: StageOptions<P>
  readonly #roles = new Set<Role>()
  readonly #windows = new Windows()
  readonly #problems = new Set<string>()
  #problem: LockstepError | undefined

  constructor(options: StageOptions<P>) {
    this.#options = options
    const { devnet, players, tell } = options
    this.network = new Network(devnet.rpcUrl, devnet.deployment)
    const names = Object.values<Player>(players).map(
      ({ name, account }) => [DEVNET_ACCOUNTS[account].address.toLowerCase(), name] as const,
    )
    const contest = [devnet.deployment.contracts.judge.toLowerCase(), 'contest'] as const
    this.story = new Story(new Map([...names, contest]), tell)
  }

  addressOf(player: P): Address {
    return DEVNET_ACCOUNTS[this.#options.players[player].account].address
  }

  homeOf(player: P): string {
    const home = join(this.#options.folder, player)
    mkdirSync(home, { recursive: true })
    return home
  }

  /** Starts a command of the command line as a player; nothing is started once the signal has come. */
  start(player: P, args: readonly string[], onLog?: (line: LogLine) => void): Role {
    if (this.#options.signal.aborted) throw new Error('stopped')
    const { devnet, players } = this.#options
    const { name, account } = players[player]
    const home = this.homeOf(player)
    const logFile = join(home, 'log.jsonl')
    const role: Role = new Role({
      name,
      args,
      env: {
        LOCKSTEP_RPC: devnet.rpcUrl,
        LOCKSTEP_DEPLOYMENT: devnet.deploymentFile,
        LOCKSTEP_HOME: home,
        LOCKSTEP_POLL_SECONDS: '0.25',
        // Of whoever runs this, who is none of the players.
        LOCKSTEP_CONFIG: '',
        LOCKSTEP_KEY_FILE: '',
      },
      privateKey: DEVNET_ACCOUNTS[account].privateKey,
      logFile,
      onLog: (line) => {
        this.#hear(player, line)
        onLog?.(line)
      },
      onEnd: (problem) => {
        const advice = 'its log says why; start the network again'
        this.#problem ??= fail.ended({ what: problem, where: logFile, advice })
      },
    })
    this.#roles.add(role)
    return role
  }

  /** Starts a role that serves artifacts and waits until it does. */
  async startServing(player: P, args: readonly string[]): Promise<Role> {
    let serves = false
    const role = this.start(player, args, ({ msg }) => {
      serves ||= msg === 'serving'
    })
    await this.until(() => serves)
    return role
  }

  /** Runs a command that ends by itself; what it says with `--json`. */
  async ask(player: P, args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const text = await this.start(player, [...args, '--json']).result()
    await this.follow()
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  }

  /** Follows the chain until something holds; the first error of a role that was not stopped is thrown. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      await this.follow()
      if (await holds()) return
      if (this.#problem !== undefined) throw this.#problem
      if (this.#options.signal.aborted) throw new Error('stopped')
      await sleep(POLL_MILLISECONDS)
    }
  }

  /** Moves the clock to a time, unless it is there already; `why` says what lies in between. */
  async skipTo(time: bigint, why: string): Promise<void> {
    const seconds = time - (await this.network.time())
    if (seconds <= 0n) return
    const { rpc } = this.#options.devnet
    await rpc.call('evm_increaseTime', Number(seconds))
    await rpc.call('evm_mine')
    this.#options.tell(`  the devnet's clock is moved ${seconds} seconds ahead, ${why}`)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#roles].map((role) => role.stop()))
  }

  /** Reads what has happened since the last look, and skips windows that nobody needs any more. */
  async follow(): Promise<void> {
    await this.#read()
    if (this.#options.realTime === true || (await this.#windowsEnd()) === undefined) return
    // Whatever was mined meanwhile may need its time: it is read right before the clock is moved.
    await this.#read()
    const end = await this.#windowsEnd()
    if (end !== undefined) await this.skipTo(end + 1n, 'past the challenge window')
  }

  async #read(): Promise<void> {
    for (const happening of await this.network.happenings()) {
      this.story.read(happening)
      for (const event of happening.events) this.#windows.read(event)
      this.#options.watch?.(happening)
    }
  }

  #hear(player: P, line: LogLine): void {
    const { challenger, players, tell, hear } = this.#options
    const { msg, verdict, claim, problem } = line
    if (msg === 'checked a claim' && player === challenger) {
      const job = this.story.jobOf(BigInt(String(claim)))
      tell(
        `  ${withArticle(players[player].name)} has run it again: the claim about job ${job?.id ?? '?'} is ${String(verdict)}`,
      )
      if (verdict === 'right') this.#windows.foundRight(BigInt(String(claim)))
    }
    hear?.(player, line)
    if (typeof problem === 'string' && !this.#problems.has(problem)) {
      this.#problems.add(problem)
      tell(`  ${withArticle(players[player].name)}: ${problem}`)
    }
  }

  /** When the challenge windows end that may be skipped, if there are any. */
  async #windowsEnd(): Promise<bigint | undefined> {
    // Not while somebody is at work, whose time would run out.
    const { jobs, disputes } = this.story
    if (jobs.some(({ status }) => status === 'taken')) return undefined
    if (disputes.some(({ winner }) => winner === null)) return undefined
    return this.#windows.skippable(await this.network.time())
  }
}

/** What plays on a stage: it runs to its end, and is stopped whether it came there or not. */
export interface Play<R> {
  run(): Promise<R>
  stop(): Promise<void>
}

/** What goes on around a play. */
export interface PlayOptions {
  readonly kind: DevnetOptions['kind']
  readonly keep: string | undefined
  /** Whether the page is shown. */
  readonly page: boolean
}

/** Tells that stores serve at these addresses: now the page can be shown. */
export type ShowPage = (artifacts: readonly string[]) => void

/**
 * Plays on a fresh devnet, with a folder that is removed at the end unless it is one to `keep`, and the page beside it.
 * The network is still there while `ended` is told what came of it.
 */
export async function playOnDevnet<R>(
  { kind, keep, page }: PlayOptions,
  tell: (line: string) => void,
  ended: (report: R) => Promise<void>,
  open: (devnet: Devnet, folder: string, show: ShowPage) => Play<R>,
): Promise<R> {
  const folder = keep ?? mkdtempSync(join(tmpdir(), 'lockstep-demo-'))
  mkdirSync(folder, { recursive: true })
  const devnet = await startDevnet({
    ...(kind === undefined ? {} : { kind }),
    onProgress: (step) => {
      tell(`chain: ${step}`)
    },
  })
  const stopShowing = new AbortController()
  let showing: Promise<void> | undefined
  const play = open(devnet, resolve(folder), (artifacts) => {
    if (page) showing = showPage(devnet, folder, artifacts, tell, stopShowing.signal)
  })
  try {
    const report = await play.run()
    await ended(report)
    return report
  } finally {
    stopShowing.abort()
    await Promise.all([play.stop(), showing])
    await devnet.stop()
    if (keep === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** Shows the page until it is aborted. The play waits for nothing of it, and goes on without it. */
async function showPage(
  { rpcUrl, deployment, deploymentFile }: Devnet,
  folder: string,
  artifacts: readonly string[],
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const services = new Map<string, Service>()
  const say = (): void => undefined
  const network = { rpcUrl, deployment, deploymentFile, folder, artifacts, tell: say, signal }
  try {
    const ports = { indexer: await freePort(), page: await freePort() }
    await startServices(network, ports, services)
    tell(`the page: ${services.get('page')!.url}`)
    if (!signal.aborted)
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
  } catch (error) {
    if (!signal.aborted) tell(`the page cannot be shown: ${oneLine(error)}`)
  } finally {
    await Promise.all([...services.values()].map((service) => service.stop()))
  }
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
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
