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
import { allTransactionsOf, expectAllSentOnce, Victim } from '../testing/victim.ts'

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

const transactionsOf = (actor: Actor) => allTransactionsOf(network, actor)
const expectSentOnce = (actor: Actor, from: number) => expectAllSentOnce(network, actor, from)

const contracts = () => network.contracts
const firstDispute = (claim: bigint) =>
  readDispute(contracts(), disputeAt(claim, 0), contracts().fromBlock)

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
