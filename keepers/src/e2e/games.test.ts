import { Random } from '@lockstep/repops/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { readDispute } from '../chain/disputes.ts'
import { readJob } from '../chain/jobs.ts'
import { randomCheat } from '../testing/cheats.ts'
import { randomJob } from '../testing/jobs.ts'
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
      let corruption = randomCheat(random, job)
      while (corruption === undefined) {
        job = randomJob(random)
        corruption = randomCheat(random, job)
      }
      const id = await network.post(job)
      const cheat = network.keeper('cheat', { corruption })
      const solver = network.solver(cheat, { jobs: [id] })
      await network.play(
        [solver.tick],
        async () => (await readJob(network.contracts, id)).status === 'claimed',
      )

      const { claim: claimId } = await readJob(network.contracts, id)
      const peers = i % 2 === 0 ? [] : [await network.share(cheat)]
      const challenger = network.challenger(network.keeper('challenger'), peers, [claimId])
      const claim = () => readClaim(network.contracts, claimId)
      await network.play(
        [challenger.tick, solver.tick],
        async () => (await claim()).status === 'void',
      )

      const dispute = await readDispute(
        network.contracts,
        disputeAt(claimId, 0),
        network.contracts.fromBlock,
      )
      expect(dispute.status).toBe('won')
    }, 180_000)
  }
})
