import { aiTokenAbi } from '@lockstep/deployments'
import {
  DEVNET_ACCOUNTS,
  type Devnet,
  type DevnetOptions,
  startDevnet,
} from '@lockstep/deployments/devnet'
import { type Corruption, type Job, reference } from '@lockstep/repops'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, parseEther, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { connect } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import { findContracts } from '../chain/deployment.ts'
import { Journal } from '../chain/journal.ts'
import { Sender } from '../chain/sender.ts'
import { depositSelfBond } from '../chain/stake.ts'
import type { estimateTimes } from '../estimate/estimateTimes.ts'
import { createLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { ReceiptBook } from '../receipts/book.ts'
import { Challenger } from '../roles/challenger.ts'
import type { Keeper, Tick } from '../roles/keeper.ts'
import { SharedTraces } from '../roles/shared-traces.ts'
import { Solver, type SolverTerms } from '../roles/solver.ts'
import { asOrder } from './jobs.ts'
import { type Order, postJob, storeOrder } from '../roles/submitter.ts'
import { FolderStore } from '../store/folder.ts'
import { Mirror } from '../store/mirror.ts'
import { serve } from '../store/server.ts'
import { Engine } from '../trace/engine.ts'
import { TracePeer } from '../trace/peer.ts'
import type { Trace } from '../trace/trace.ts'
import { Workshop } from '../trace/workshop.ts'

/** Accounts of a test network by what they do. */
export const ACTORS = {
  submitter: 1,
  solver: 2,
  cheat: 3,
  challenger: 4,
  defender: 5,
  other: 6,
} as const
export type Actor = keyof typeof ACTORS

export const REWARD = parseEther('100')
export const STAKE = parseEther('1000')
const WORK_SECONDS = 3600

/** A devnet with the protocol on it, and keepers inside this process, driven look by look. */
export class TestNetwork {
  readonly devnet: Devnet
  readonly contracts: Contracts
  readonly folder: string
  readonly #closing: (() => unknown)[] = []
  #serial = 0

  private constructor(devnet: Devnet, contracts: Contracts) {
    this.devnet = devnet
    this.contracts = contracts
    this.folder = mkdtempSync(join(tmpdir(), 'lockstep-network-'))
  }

  static async start(options: DevnetOptions = {}): Promise<TestNetwork> {
    const devnet = await startDevnet({ blockSeconds: 1, ...options })
    const chain = await connect(devnet.rpcUrl)
    const network = new TestNetwork(devnet, await findContracts(chain, devnet.deploymentFile))
    for (const actor of ['solver', 'cheat'] as const)
      await network.stake(actor, parseEther('100000'))
    return network
  }

  async stop(): Promise<void> {
    for (const close of this.#closing.reverse()) await close()
    await this.devnet.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  address(actor: Actor): Address {
    return DEVNET_ACCOUNTS[ACTORS[actor]].address
  }

  privateKey(actor: Actor): `0x${string}` {
    return DEVNET_ACCOUNTS[ACTORS[actor]].privateKey
  }

  home(actor: Actor): string {
    return join(this.folder, actor)
  }

  /** A keeper of an actor; every one has its own folder and work, one journal serves an actor throughout. */
  keeper(
    actor: Actor,
    options: {
      corruption?: Corruption | undefined
      traceClass?: typeof Trace
      estimate?: typeof estimateTimes
      home?: string
      engine?: Engine
      maxJobBytes?: number
      /** The chain as this keeper's endpoint shows it. */
      contracts?: Contracts
    } = {},
  ): Keeper {
    const home = options.home ?? join(this.home(actor), String(this.#serial++))
    const log = createLog(process.env['LOCKSTEP_TEST_LOG'] ?? 'silent', actor)
    const metrics = new Metrics(actor)
    const mirror = new Mirror(new FolderStore(join(home, 'store')), [], 2 ** 30, log)
    const workshop = new Workshop({
      folder: join(home, 'work'),
      contracts: this.contracts,
      mirror,
      engine: options.engine ?? new Engine(reference),
      corruption: options.corruption,
      ...(options.maxJobBytes === undefined ? {} : { maxJobBytes: options.maxJobBytes }),
      ...(options.traceClass === undefined ? {} : { traceClass: options.traceClass }),
      ...(options.estimate === undefined ? {} : { estimate: options.estimate }),
      log,
      metrics,
    })
    const contracts = options.contracts ?? this.contracts
    const shared = new SharedTraces(contracts)
    const account = privateKeyToAccount(this.privateKey(actor))
    const receipts = new ReceiptBook(join(home, 'receipts'), contracts, account)
    return { contracts, sender: this.sender(actor), workshop, shared, receipts, log, metrics }
  }

  readonly #senders = new Map<Actor, Sender>()

  sender(actor: Actor): Sender {
    const known = this.#senders.get(actor)
    if (known !== undefined) return known
    const journal = new Journal(join(this.home(actor), 'journal.jsonl'))
    this.#closing.push(() => {
      journal.close()
    })
    const sender = new Sender(
      this.contracts.chain.client,
      this.contracts.chain.id,
      privateKeyToAccount(this.privateKey(actor)),
      journal,
      {
        confirmations: 1,
        maxFeePerGasWei: parseGwei('1000'),
        bumpAfterSeconds: 30,
        pollSeconds: 0.02,
      },
      createLog('silent', actor),
    )
    this.#senders.set(actor, sender)
    return sender
  }

  /** $AI wei of an actor. */
  balanceAi(actor: Actor): Promise<bigint> {
    return this.contracts.chain.client.readContract({
      abi: aiTokenAbi,
      address: this.contracts.token,
      functionName: 'balanceOf',
      args: [this.address(actor)],
    })
  }

  /** Creates an actor's vault if there is none and puts stake into its self-bond. */
  stake(actor: Actor, assets: bigint): Promise<Address> {
    const run = `${actor}:${this.#serial++}`
    return depositSelfBond(this.contracts, this.sender(actor), { assets, commissionBps: 1000, run })
  }

  /** Posts a job whose artifacts are served over HTTP. */
  async post(job: Job, terms: { workSeconds?: number; uri?: string } = {}): Promise<bigint> {
    return this.postOrder(asOrder(job), terms)
  }

  /** `uri`: where the artifacts are said to be, instead. */
  async postOrder(
    order: Order,
    terms: { workSeconds?: number; uri?: string } = {},
  ): Promise<bigint> {
    const store = new FolderStore(join(this.home('submitter'), 'store'))
    const { computation } = storeOrder(order, store)
    const uri = terms.uri ?? (await this.#submitterUrl(store))
    const { workSeconds = 3600 } = terms
    const offer = { reward: REWARD, stake: STAKE, workSeconds, openSeconds: 86_400, uri }
    return postJob(
      this.contracts,
      this.sender('submitter'),
      computation,
      offer,
      String(this.#serial++),
    )
  }

  #store: { url: string } | undefined

  async #submitterUrl(folder: FolderStore): Promise<string> {
    if (this.#store === undefined) {
      const server = await serve({
        port: 0,
        host: '127.0.0.1',
        folder,
        maxBytes: 2 ** 30,
        log: createLog('silent', 'store'),
      })
      this.#store = server
      this.#closing.push(server.close)
    }
    return this.#store.url
  }

  solver(keeper: Keeper, terms: Partial<SolverTerms> = {}): Solver {
    return new Solver(keeper, {
      vault: undefined,
      delegate: undefined,
      minReward: '0',
      maxSteps: 2 ** 31 - 1,
      parallelJobs: 1,
      jobs: undefined,
      submitters: undefined,
      answers: 'prompt',
      keepDays: 30,
      once: false,
      ...terms,
    })
  }

  challenger(
    keeper: Keeper,
    peers: readonly string[] = [],
    claims?: readonly bigint[],
  ): Challenger {
    return new Challenger(keeper, {
      delegate: undefined,
      claims,
      peers: peers.map((peer) => new TracePeer(peer)),
    })
  }

  /** Serves what a solver shares of its traces. */
  async share(keeper: Keeper): Promise<string> {
    const server = await serve({
      port: 0,
      host: '127.0.0.1',
      folder: keeper.workshop.artifacts,
      traces: keeper.shared,
      receipts: keeper.receipts,
      maxBytes: 2 ** 30,
      log: keeper.log,
    })
    this.#closing.push(server.close)
    return server.url
  }

  /** Lets every role look at the chain in turn until `done`; fails after so many rounds. */
  async play(ticks: readonly Tick[], done: () => Promise<boolean>, rounds = 400): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      for (const tick of ticks) await tick(await this.contracts.chain.head())
      if (await done()) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`not done after ${rounds} rounds`)
  }

  /** Lets a role look at the chain so often that what it prepares in the background is ready. */
  async look(tick: Tick, rounds = 30): Promise<void> {
    let round = 0
    await this.play([tick], () => Promise.resolve(++round === rounds))
  }

  /** Lets so much time pass that every window is over and every clock has run out. */
  async passDeadlines(): Promise<void> {
    const terms = this.devnet.deployment.parameters['verde'] as Record<string, number>
    const { windowSeconds, solverBudgetSeconds, challengerBudgetSeconds } = terms
    const seconds = windowSeconds + WORK_SECONDS + solverBudgetSeconds + challengerBudgetSeconds
    await this.devnet.rpc.call('evm_increaseTime', seconds)
    await this.devnet.rpc.call('evm_mine')
  }
}
