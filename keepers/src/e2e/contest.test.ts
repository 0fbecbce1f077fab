import { Tensor } from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Contest, readContest } from '../chain/contests.ts'
import { readClaim } from '../chain/claims.ts'
import { readJob } from '../chain/jobs.ts'
import { askPreparation } from '../contest/attestation.ts'
import { enterContest } from '../contest/enter.ts'
import type { Office } from '../contest/office.ts'
import { openContest } from '../contest/open.ts'
import {
  evaluatorRole,
  hourlyContest,
  officeOf,
  passTo,
  scoreOnReference,
  serveStore,
  startAttester,
  tinyModel,
  tinyPerplexity,
} from '../testing/contests.ts'
import { TestNetwork } from '../testing/network.ts'

let network: TestNetwork
let opener: Office
let entrant: Office
let attester: Awaited<ReturnType<typeof startAttester>>
const closing: (() => unknown)[] = []

beforeAll(async () => {
  network = await TestNetwork.start()
  opener = officeOf(network, 'submitter')
  entrant = officeOf(network, 'other')
  attester = await startAttester(network, 'defender', officeOf(network, 'defender'))
  closing.push(attester.close)
}, 900_000)

afterAll(async () => {
  for (const close of closing) await close()
  await network.stop()
})

const read = async (id: bigint): Promise<Contest> =>
  readContest(network.contracts, id, (await network.contracts.chain.head()).number)

const testSet = (seed: number): Tensor => {
  const random = new Random(seed)
  return new Tensor(
    'i32',
    Int32Array.from({ length: 2 * 2 * 6 }, () => random.below(12)),
  )
}
const models = [1n, 2n, 3n, 4n].map((seed) => tinyModel(seed))

/** Opens a contest whose evaluator the attester has; where the opener's store is served. */
async function open(rounds: readonly number[]): Promise<{ id: bigint; from: string }> {
  const place = { attester: network.address('defender'), uri: attester.uri }
  const order = await hourlyContest(network, place, rounds.map(testSet))
  const { id } = await openContest(opener, order)
  const store = await serveStore(opener.mirror.folder)
  closing.push(store.close)
  const chainId = network.contracts.chain.id
  await askPreparation(attester.uri, chainId, { contest: id, from: store.url })
  return { id, from: store.url }
}

/** An evaluator role whose reveals are fetched from its office's store. */
async function roleOf(office: Office, actor: 'submitter' | 'other') {
  const keeper = network.keeper(actor)
  const { url } = await serveStore(keeper.workshop.mirror.folder).then((server) => {
    closing.push(server.close)
    return server
  })
  return evaluatorRole(office, keeper, { uri: url })
}

describe('a contest by perplexity', () => {
  test('is decided by what Verde leaves standing', async () => {
    const { id } = await open([7])
    for (const model of models.slice(0, 3))
      await enterContest(entrant, { contest: id, tensor: model })
    // Entered by somebody who never reveals it.
    await enterContest(officeOf(network, 'challenger'), { contest: id, tensor: models[3] })
    const { entriesClose, rounds, entryFee } = await read(id)
    const [opens, enters] = [await roleOf(opener, 'submitter'), await roleOf(entrant, 'other')]

    await passTo(network, entriesClose + 1)
    const isRevealed = async () => (await read(id)).entrants.slice(0, 3).every(({ root }) => root)
    await network.play([opens.tick, enters.tick], isRevealed)
    expect((await read(id)).entrants[3].root).toBeUndefined()

    await passTo(network, rounds[0].opensAt)
    const isOrdered = async () => (await read(id)).evaluations.length === 3
    await network.play([opens.tick, enters.tick], isOrdered)
    const jobs = (await read(id)).evaluations.map(({ job }) => job)

    // One evaluation is solved by somebody who makes its score a million better.
    const [{ next }] = tinyPerplexity.program.states
    const node = next ?? 0
    const corruption = { step: 1, node, element: 0, bit: 20 }
    const cheat = network.solver(network.keeper('cheat', { corruption }), { jobs: [jobs[1]] })
    const isClaimed = async (job: bigint) =>
      (await readJob(network.contracts, job)).status === 'claimed'
    await network.play([cheat.tick], () => isClaimed(jobs[1]))
    const { claim } = await readJob(network.contracts, jobs[1])
    const challenger = network.challenger(network.keeper('challenger'), [], [claim])
    const isVoid = async () => (await readClaim(network.contracts, claim)).status === 'void'
    await network.play([cheat.tick, challenger.tick, opens.tick], isVoid)

    const solver = network.solver(network.keeper('solver'), { jobs, parallelJobs: 3 })
    await network.play([solver.tick], async () =>
      (await Promise.all(jobs.map(isClaimed))).every(Boolean),
    )
    await network.passDeadlines()
    const isDecided = async () =>
      (await read(id)).entrants.filter(({ scored }) => scored).length === 3
    await network.play([solver.tick, opens.tick, enters.tick], isDecided)

    const scores = await Promise.all(
      models.slice(0, 3).map((model) => scoreOnReference(tinyPerplexity, model, testSet(7))),
    )
    expect((await read(id)).entrants.map(({ total }) => Number(total))).toEqual([...scores, 0])
    // The fourth could still be revealed and ordered: nothing is decided before it no longer can.
    expect((await read(id)).verdict).toBe('pending')
    const before = await network.balanceAi('challenger')
    await passTo(network, (await read(id)).decidedBy + 1)
    await network.play([opens.tick, enters.tick], async () => (await read(id)).isConcluded)
    const decided = await read(id)
    expect(decided).toMatchObject({
      verdict: 'decided',
      winners: [scores.indexOf(Math.max(...scores))],
    })

    const isReturned = async () => (await read(id)).entrants.every(({ escrow }) => escrow === 0n)
    await network.play([opens.tick], isReturned)
    expect((await network.balanceAi('challenger')) - before).toBe(entryFee)
    expect(await opens.tick(await network.contracts.chain.head())).toBe(false)
  })
})
