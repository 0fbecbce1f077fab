import { Random } from '@lockstep/repops/testing'
import { formatEther, parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { readDispute } from '../chain/disputes.ts'
import { readJob, readVault } from '../chain/jobs.ts'
import { Defender } from '../roles/defender.ts'
import { randomJob } from '../testing/jobs.ts'
import { REWARD, STAKE, TestNetwork } from '../testing/network.ts'
import { valuesOf } from '../testing/open-metrics.ts'
import { RandomChallenger } from '../testing/random-challenger.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const GAMES = Number(process.env['LOCKSTEP_GAMES'] ?? 6)
const FIRST = Number(process.env['LOCKSTEP_GAMES_FIRST'] ?? 1)
const status = async (id: bigint) => (await readJob(network.contracts, id)).status

test('an honest job is solved, watched, settled and paid', async () => {
  const id = await network.post(randomJob(new Random(1)))
  const keeper = network.keeper('solver')
  const solver = network.solver(keeper, { jobs: [id] })
  const challenger = network.challenger(network.keeper('challenger'))
  const before = (await readVault(network.contracts, network.address('solver')))!.freeAssets
  await network.play([solver.tick, challenger.tick], async () => (await status(id)) === 'claimed')
  await network.passDeadlines()
  await network.play([solver.tick, challenger.tick], async () => (await status(id)) === 'settled')
  const { claim } = await readJob(network.contracts, id)
  expect(await readClaim(network.contracts, claim)).toMatchObject({ status: 'upheld', disputes: 0 })
  // As it was at the last look: the job's stake was locked, all else was free.
  const [{ value: stake }] = await valuesOf(keeper.metrics.stake)
  const [{ value: free }] = await valuesOf(keeper.metrics.freeStake)
  expect([stake, free]).toEqual([Number(formatEther(before)), Number(formatEther(before - STAKE))])
  // 2.5 % go to the protocol, 10 % of the rest to the operator, what is left to the vault's self-bond.
  const after = (await readVault(network.contracts, network.address('solver')))!.freeAssets
  expect(after - before).toBe((((REWARD * 975n) / 1000n) * 9n) / 10n)
})

describe('an honest solver never loses to disputes at random', () => {
  for (let i = FIRST; i < FIRST + GAMES; i++) {
    test(`game ${i}`, async () => {
      const random = new Random(1000 + i)
      const id = await network.post(randomJob(random))
      const keeper = network.keeper('solver')
      const solver = network.solver(keeper, { jobs: [id] })
      await network.play([solver.tick], async () => (await status(id)) === 'claimed')
      const { claim: claimId, computation } = await readJob(network.contracts, id)
      const trace = await keeper.workshop.complete(computation)
      const stranger = new RandomChallenger(network.keeper('other'), trace, random, claimId)
      const dispute = () =>
        readDispute(network.contracts, disputeAt(claimId, 0), network.contracts.fromBlock)
      await stranger.tick(await network.contracts.chain.head())
      // It ends at a proof that is refused, or where the challenger has nothing left to say.
      await network.play([stranger.tick, solver.tick], async () => {
        const { position, turn } = await dispute()
        return position.phase === 'proof' && turn?.solver === false && stranger.refused > 0
      })
      await network.passDeadlines()
      await network.play([solver.tick], async () => (await dispute()).status === 'lost')
      await network.play([solver.tick], async () => (await status(id)) === 'settled')
      expect((await readClaim(network.contracts, claimId)).status).toBe('upheld')
      expect(stranger.refused).toBeGreaterThan(0)
      await solver.tick(await network.contracts.chain.head())
      const disputes = await valuesOf(keeper.metrics.decidedDisputes)
      expect(disputes).toContainEqual({ outcome: 'won', value: 1 })
      const claims = await valuesOf(keeper.metrics.decidedClaims)
      expect(claims).toContainEqual({ outcome: 'upheld', value: 1 })
    }, 180_000)
  }
})

test('a delegate answers for a solver that is gone', async () => {
  const random = new Random(77)
  const id = await network.post(randomJob(random))
  const keeper = network.keeper('solver')
  const solver = network.solver(keeper, { jobs: [id], delegate: network.address('defender') })
  await network.play([solver.tick], async () => (await status(id)) === 'claimed')
  const { claim: claimId, computation } = await readJob(network.contracts, id)
  const trace = await keeper.workshop.complete(computation)
  const stranger = new RandomChallenger(network.keeper('other'), trace, random, claimId)
  const defender = new Defender(network.keeper('defender'), undefined)
  const dispute = () =>
    readDispute(network.contracts, disputeAt(claimId, 0), network.contracts.fromBlock)
  await network.play([stranger.tick, defender.tick], () => Promise.resolve(stranger.refused > 0))
  await network.passDeadlines()
  await network.play([defender.tick], async () => (await dispute()).status === 'lost')
  expect((await readClaim(network.contracts, claimId)).status).toBe('upheld')
})

test('a solver with too little stake takes nothing and says so', async () => {
  const id = await network.post(randomJob(new Random(3)))
  const keeper = network.keeper('defender')
  await network.stake('defender', parseEther('10'))
  const warnings: unknown[] = []
  keeper.log.warn = ((fields: unknown) => warnings.push(fields)) as typeof keeper.log.warn
  const solver = network.solver(keeper, { jobs: [id] })
  await solver.tick(await network.contracts.chain.head())
  expect(warnings).toMatchObject([{ code: 'too-little-stake' }])
  expect(await status(id)).toBe('open')
})
