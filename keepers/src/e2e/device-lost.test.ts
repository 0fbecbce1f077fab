import { DeviceLost, type Hash, MerkleTree, openCuda, reference, runJob } from '@lockstep/repops'
import { Random, stubDriver } from '@lockstep/repops/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { readDispute } from '../chain/disputes.ts'
import { readJob } from '../chain/jobs.ts'
import { randomJob } from '../testing/jobs.ts'
import { TestNetwork } from '../testing/network.ts'
import { RandomChallenger } from '../testing/random-challenger.ts'
import { Engine } from '../trace/engine.ts'

const LAUNCH_FAILED = 719

const stub = stubDriver()
let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

beforeEach(() => {
  stub.reset()
})

afterAll(() => network.stop())

const status = async (id: bigint) => (await readJob(network.contracts, id)).status

/** A keeper on the stub's GPU, and what it lost. */
function keeperOnGpu() {
  const lost: unknown[] = []
  const engine = new Engine(openCuda(stub.path), (_, error) => {
    lost.push(error)
    return Promise.resolve(reference)
  })
  return { keeper: network.keeper('solver', { engine }), engine, lost }
}

/** By plain execution. */
async function checkpointRoot(job: ReturnType<typeof randomJob>) {
  const roots: Hash[] = []
  for await (const { root } of runJob(job, { backend: reference })) roots.push(root)
  return new MerkleTree(roots).root
}

test('a GPU disappears in the middle of a run: it goes on from the last checkpoint, and is right', async () => {
  const job = { ...randomJob(new Random(12)), steps: 8, interval: 3 }
  const id = await network.post(job)
  const { keeper, engine, lost } = keeperOnGpu()
  const steps: string[] = []
  keeper.metrics.steps.inc = () => {
    steps.push(engine.name)
    if (steps.length === 5) stub.fail('cuStreamQuery', 0, LAUNCH_FAILED)
  }
  const solver = network.solver(keeper, { jobs: [id] })
  await network.play([solver.tick], async () => (await status(id)) === 'claimed')
  expect(lost).toEqual([expect.any(DeviceLost)])
  // Five steps there, two of them behind the checkpoint; five here.
  expect(steps).toEqual([
    ...new Array<string>(5).fill('cuda'),
    ...new Array<string>(5).fill('reference'),
  ])

  const { claim } = await readJob(network.contracts, id)
  const right = await checkpointRoot(job)
  expect((await readClaim(network.contracts, claim)).checkpointRoot).toBe(right)
  await network.passDeadlines()
  await network.play([solver.tick], async () => (await status(id)) === 'settled')
}, 120_000)

test('a GPU disappears in the middle of a dispute: it is answered to its end', async () => {
  const random = new Random(1001)
  const id = await network.post({ ...randomJob(random), steps: 6, interval: 2 })
  const { keeper, lost } = keeperOnGpu()
  const solver = network.solver(keeper, { jobs: [id] })
  await network.play([solver.tick], async () => (await status(id)) === 'claimed')
  const { claim, computation } = await readJob(network.contracts, id)
  const trace = await keeper.workshop.complete(computation)
  const stranger = new RandomChallenger(network.keeper('other'), trace, random, claim)
  const dispute = () =>
    readDispute(network.contracts, disputeAt(claim, 0), network.contracts.fromBlock)
  await stranger.tick(await network.contracts.chain.head())
  stub.fail('cuLaunchKernel', 3, LAUNCH_FAILED)
  await network.play([stranger.tick, solver.tick], async () => {
    const { position, turn } = await dispute()
    return position.phase === 'proof' && turn?.solver === false && stranger.refused > 0
  })
  expect(lost).toEqual([expect.any(DeviceLost)])
  await network.passDeadlines()
  await network.play([solver.tick], async () => (await dispute()).status === 'lost')
  await network.play([solver.tick], async () => (await status(id)) === 'settled')
}, 120_000)
