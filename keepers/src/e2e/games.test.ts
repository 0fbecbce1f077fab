import { continuations, type Corruption, Execution, type Job, reference } from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { type Dispute, readDispute } from '../chain/disputes.ts'
import { readJob } from '../chain/jobs.ts'
import { randomCheat } from '../testing/cheats.ts'
import { randomJob, tinyGeneration } from '../testing/jobs.ts'
import { TestNetwork } from '../testing/network.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const SEEDS = Number(process.env['LOCKSTEP_GAMES'] ?? 6)
const FIRST = Number(process.env['LOCKSTEP_GAMES_FIRST'] ?? 1)

describe('a solver that flipped one bit loses, whatever the program', () => {
  for (let i = FIRST; i < FIRST + SEEDS; i++) {
    // Every other game is played without the solver's data: each row comes by demand and reveal.
    test(`game ${i}, data ${i % 2 === 0 ? 'withheld' : 'shared'}`, async () => {
      const random = new Random(i)
      let job = randomJob(random)
      let corruption = await randomCheat(random, job)
      while (corruption === undefined) {
        job = randomJob(random)
        corruption = await randomCheat(random, job)
      }
      expect((await play(job, corruption, i % 2 !== 0)).status).toBe('won')
    }, 180_000)
  }
})

test('a solver that puts another token into a text loses', async () => {
  const job = tinyGeneration()
  // The lowest bit of what is chosen for the first of two sequences: the last argmax of the step.
  const node = job.program.nodes.findLastIndex(
    ({ op, form }) => op === 'Sub' && form.family === 'elementwise' && form.dims[0] === 2,
  )
  const corruption = { step: 4, node, element: 0, bit: 0 }
  const text = async (lie?: Corruption): Promise<unknown> => {
    const { program, initialState: state, constants, seed } = job
    const run = new Execution(program, reference, { state, constants, seed, corruption: lie })
    while (run.step < job.steps) await run.advance()
    return continuations(job, await run.state())
  }
  expect(await text(corruption)).not.toEqual(await text())
  expect((await play(job, corruption, true)).status).toBe('won')
}, 180_000)

/** Posts a job, lets a cheat claim it, and a challenger dispute it until the claim is void. */
async function play(job: Job, corruption: Corruption, shared: boolean): Promise<Dispute> {
  const id = await network.post(job)
  const cheat = network.keeper('cheat', { corruption })
  const solver = network.solver(cheat, { jobs: [id] })
  await network.play(
    [solver.tick],
    async () => (await readJob(network.contracts, id)).status === 'claimed',
  )
  const { claim: claimId } = await readJob(network.contracts, id)
  const peers = shared ? [await network.share(cheat)] : []
  const challenger = network.challenger(network.keeper('challenger'), peers, [claimId])
  const claim = () => readClaim(network.contracts, claimId)
  await network.play([challenger.tick, solver.tick], async () => (await claim()).status === 'void')
  return readDispute(network.contracts, disputeAt(claimId, 0), network.contracts.fromBlock)
}
