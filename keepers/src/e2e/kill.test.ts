import { Random } from '@lockstep/repops/testing'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { readDispute } from '../chain/disputes.ts'
import { readJob, readJobUri } from '../chain/jobs.ts'
import { randomCheat } from '../testing/cheats.ts'
import { randomJob } from '../testing/jobs.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'
import { LockstepProcess } from '../testing/processes.ts'
import { RandomChallenger } from '../testing/random-challenger.ts'

let network: TestNetwork
const running = new Set<LockstepProcess>()

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(async () => {
  await Promise.all([...running].map((process) => process.stop('SIGKILL')))
  await network.stop()
})

/** Starts a role as a process of its own; after a kill it is started again in the same home. */
function start(role: string, actor: Actor, args: readonly string[] = []): LockstepProcess {
  const process = new LockstepProcess([role, ...args], {
    LOCKSTEP_PRIVATE_KEY: network.privateKey(actor),
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: network.home(actor),
    LOCKSTEP_POLL_SECONDS: '0.2',
  })
  running.add(process)
  void process.ended.then(() => running.delete(process))
  return process
}

/** Every transaction that an account has on the chain. */
async function transactionsOf(
  actor: Actor,
): Promise<{ nonce: number; to: string | null; input: string }[]> {
  const { client } = network.contracts.chain
  const head = await client.getBlockNumber({ cacheTime: 0 })
  const found = []
  for (let blockNumber = 0n; blockNumber <= head; blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true })
    found.push(
      ...transactions.filter(
        ({ from }) => from.toLowerCase() === network.address(actor).toLowerCase(),
      ),
    )
  }
  return found
}

/** No nonce is missing, and nothing that a keeper meant once was sent twice. */
async function expectSentOnce(actor: Actor, from: number): Promise<void> {
  const sent = (await transactionsOf(actor)).slice(from)
  expect(new Set(sent.map(({ nonce }) => nonce)).size).toBe(sent.length)
  const contents = sent.map(({ to, input }) => `${to} ${input}`)
  expect(contents.filter((content, i) => contents.indexOf(content) !== i)).toEqual([])
}

const contracts = () => network.contracts
const firstDispute = (claim: bigint) =>
  readDispute(contracts(), disputeAt(claim, 0), contracts().fromBlock)

const KILLS = 4

/**
 * Runs a role, kills it -9 shortly after it has made a move, starts it again in the same home, and so on. The
 * pause after a move is random: the kill meets the next move anywhere between its plan and its receipt.
 */
class Victim {
  kills = 0
  #process: LockstepProcess
  readonly #start: () => LockstepProcess
  readonly #random: Random

  constructor(random: Random, start: () => LockstepProcess) {
    this.#random = random
    this.#start = start
    this.#process = start()
  }

  /** Kills until there were enough kills or `done`. */
  async torment(done: () => Promise<boolean>): Promise<void> {
    while (this.kills < KILLS && !(await done())) {
      if (!this.#process.lines.some(({ msg }) => msg === 'transaction mined')) {
        await sleep(50)
        continue
      }
      await sleep(this.#random.below(400))
      await this.#process.stop('SIGKILL')
      this.#process = this.#start()
      this.kills++
    }
  }

  stop(): Promise<unknown> {
    return this.#process.stop('SIGKILL')
  }
}

describe('killed with -9 again and again, the right side still wins', () => {
  test('the challenger and the cheat, at random moments of a dispute', async () => {
    const random = new Random(5)
    let job = randomJob(random)
    let corruption
    do {
      job = { ...randomJob(random), steps: 7, interval: 3 }
      corruption = await randomCheat(random, job)
    } while (corruption === undefined)
    const id = await network.post(job)
    const { step, node, element, bit } = corruption
    const lie = `step=${step},node=${node},element=${element},bit=${bit}`
    const before = {
      cheat: await transactionsOf('cheat'),
      challenger: await transactionsOf('challenger'),
    }
    // Without the solver's data the walk is long: every row comes by demand and reveal.
    const cheatArgs = ['--jobs', String(id), '--cheat', lie]
    const cheat = new Victim(random, () => start('solver', 'cheat', cheatArgs))
    const challenger = new Victim(random, () => start('challenger', 'challenger'))
    const isVoid = async () => {
      const { claim } = await readJob(contracts(), id)
      return claim !== 0n && (await readClaim(contracts(), claim)).status === 'void'
    }
    await Promise.all([cheat.torment(isVoid), challenger.torment(isVoid)])
    await expect.poll(isVoid, { timeout: 120_000, interval: 300 }).toBe(true)
    const { claim } = await readJob(contracts(), id)
    expect((await firstDispute(claim)).status).toBe('won')
    expect(cheat.kills).toBeGreaterThan(1)
    expect(challenger.kills).toBeGreaterThan(1)
    expect((await readClaim(contracts(), claim)).disputes).toBe(1)
    await Promise.all([cheat.stop(), challenger.stop()])
    await expectSentOnce('cheat', before.cheat.length)
    await expectSentOnce('challenger', before.challenger.length)
  }, 300_000)

  test('an honest solver under dispute', async () => {
    const random = new Random(8)
    const job = { ...randomJob(random), steps: 7, interval: 3 }
    const id = await network.post(job)
    const before = await transactionsOf('solver')
    const solver = new Victim(random, () => start('solver', 'solver', ['--jobs', String(id)]))
    const claimed = async () => (await readJob(contracts(), id)).status === 'claimed'
    await expect.poll(claimed, { timeout: 60_000, interval: 200 }).toBe(true)

    const { claim, computation } = await readJob(contracts(), id)
    const keeper = network.keeper('other')
    const { number } = await contracts().chain.head()
    const trace = await keeper.workshop.complete(
      computation,
      await readJobUri(contracts(), id, number),
    )
    const stranger = new RandomChallenger(keeper, trace, random, claim)
    const answered = async () => {
      await stranger.tick(await contracts().chain.head())
      await sleep(100)
      return stranger.refused > 0
    }
    await solver.torment(answered)
    await expect.poll(answered, { timeout: 120_000, interval: 100 }).toBe(true)
    expect(solver.kills).toBeGreaterThan(1)
    await network.passDeadlines()
    await expect
      .poll(async () => (await readJob(contracts(), id)).status, { timeout: 60_000, interval: 300 })
      .toBe('settled')
    expect((await firstDispute(claim)).status).toBe('lost')
    expect((await readClaim(contracts(), claim)).disputes).toBe(1)
    await solver.stop()
    await expectSentOnce('solver', before.length)
  }, 300_000)

  test('a defender whose solver is gone', async () => {
    const random = new Random(9)
    const id = await network.post({ ...randomJob(random), steps: 7, interval: 3 })
    const keeper = network.keeper('solver')
    const delegate = network.address('defender')
    const solver = network.solver(keeper, { jobs: [id], delegate })
    await network.play(
      [solver.tick],
      async () => (await readJob(contracts(), id)).status === 'claimed',
    )
    const { claim, computation } = await readJob(contracts(), id)
    const trace = await keeper.workshop.complete(computation)
    const before = await transactionsOf('defender')

    const stranger = new RandomChallenger(network.keeper('other'), trace, random, claim)
    const defender = new Victim(random, () =>
      start('defender', 'defender', ['--claims', String(claim)]),
    )
    const answered = async () => {
      await stranger.tick(await contracts().chain.head())
      await sleep(100)
      return stranger.refused > 0
    }
    await defender.torment(answered)
    await expect.poll(answered, { timeout: 120_000, interval: 100 }).toBe(true)
    expect(defender.kills).toBeGreaterThan(1)
    await network.passDeadlines()
    const status = async () => (await firstDispute(claim)).status
    await expect.poll(status, { timeout: 60_000, interval: 300 }).toBe('lost')
    expect(await readClaim(contracts(), claim)).toMatchObject({ status: 'upheld', disputes: 1 })
    await defender.stop()
    await expectSentOnce('defender', before.length)
  }, 300_000)
})
