import { Graph, type Job, segments, Tensor } from '@lockstep/repops'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { reportDispute } from '../chain/dispute-report.ts'
import { readJob } from '../chain/jobs.ts'
import { TestNetwork } from '../testing/network.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const COUNT = 70_000

/** s' = the sum (or maximum) of 70,000 values: 274 segments, in two blocks. */
function longReduction(kind: 'sum' | 'reduceMax', type: 'f32' | 'i32'): Job {
  const graph = new Graph()
  const x = graph.constant('x', type, [COUNT])
  const s = graph.state('s', type, [1])
  graph.setNext(s, x[kind]([0], true))
  const values = Array.from({ length: COUNT }, (_, i) => ((i * 7919) % 1009) - 500)
  return {
    program: graph.program(),
    constants: [Tensor[type](values)],
    initialState: [Tensor.zeros(type, 1)],
    seed: 0n,
    steps: 2,
    interval: 2,
  }
}

test.each([
  ['sum', 'f32', 'shared', 3],
  ['sum', 'i32', 'withheld', 31],
  ['reduceMax', 'f32', 'withheld', 20],
] as const)(
  'a wrong %s of %s is found in two rounds of partials, data %s',
  async (kind, type, data, bit) => {
    const job = longReduction(kind, type)
    const node = job.program.nodes.findIndex((one) => segments(one) > 256)
    const corruption = { step: 1, node, element: 0, bit }
    const id = await network.post(job)
    const cheat = network.keeper('cheat', { corruption })
    const solver = network.solver(cheat, { jobs: [id] })
    const read = () => readJob(network.contracts, id)
    await network.play([solver.tick], async () => (await read()).status === 'claimed')
    const { claim } = await read()
    const peers = data === 'shared' ? [await network.share(cheat)] : []
    const challenger = network.challenger(network.keeper('challenger'), peers, [claim])
    await network.play(
      [challenger.tick, solver.tick],
      async () => (await readClaim(network.contracts, claim)).status === 'void',
    )
    const { transactions, path, winner } = await reportDispute(
      network.contracts,
      disputeAt(claim, 0),
      network.contracts.fromBlock,
    )
    expect(winner).toBe('challenger')
    const moves = transactions.map(({ move }) => move)
    expect(moves.slice(-4)).toEqual([
      'commitPartials',
      'pickPartial',
      'commitPartials',
      'provePartial',
    ])
    expect(path).toMatchObject({ step: 1, node, element: 0 })
    expect(path.segment).toBeLessThan(274)
  },
)
