import {
  CLAIM_STATUSES,
  type ClaimStatus,
  DISPUTE_STATUSES,
  type DisputeStatus,
} from '@lockstep/deployments/protocol'
import { expect, test } from 'vitest'
import { disputeAt } from '../chain/claims.ts'
import type { Dispute } from '../chain/disputes.ts'
import { Metrics } from '../metrics.ts'
import { parseOpenMetrics } from '../testing/open-metrics.ts'
import type { Side } from './answering.ts'
import type { Keeper } from './keeper.ts'
import { Standing } from './standing.ts'

/** A standing on a chain on which claims and disputes stand as these maps say. */
function setUp(side: Side) {
  const metrics = new Metrics('test')
  const claims = new Map<bigint, ClaimStatus>()
  const disputes = new Map<bigint, DisputeStatus>()
  const readContract = ({ functionName, args: [id] }: { functionName: string; args: [bigint] }) => {
    if (functionName === 'statusOf') return CLAIM_STATUSES.indexOf(claims.get(id)!)
    if (functionName === 'claimOf') return { windowEnd: 0 }
    return [0n, 0, '0x', DISPUTE_STATUSES.indexOf(disputes.get(id)!)]
  }
  const chain = { client: { readContract: (call: never) => Promise.resolve(readContract(call)) } }
  const keeper = { metrics, contracts: { chain } } as unknown as Keeper
  /** Those that are not zero: counters begin there, so that the first one of each is a rise. */
  const counted = async (name: string) => (await samples(name)).filter(([, value]) => value !== 0)
  const samples = async (name: string) =>
    parseOpenMetrics(await metrics.page())
      .filter((sample) => sample.name === `lockstep_${name}`)
      .map(({ labels, value }) => [Object.values({ ...labels, role: '' }).join(''), value])
  return { standing: new Standing(keeper, side), claims, disputes, samples, counted }
}

const dispute = (place: number, status: DisputeStatus, turn: Dispute['turn']) =>
  ({ id: disputeAt(7n, place), status, turn }) as Dispute

test('the first of the own deadlines, and whose move is due', async () => {
  const { standing, samples } = setUp('solver')
  const all = [
    dispute(0, 'live', { solver: true, deadline: 500 }),
    dispute(1, 'live', { solver: true, deadline: 400 }),
    dispute(2, 'live', { solver: false, deadline: 300 }),
    dispute(3, 'queued', undefined),
    dispute(4, 'lost', undefined),
  ]
  standing.see([7n], all)
  await standing.count()
  expect(await samples('own_deadline_seconds')).toEqual([['', 400]])
  expect(await samples('claims_open')).toEqual([['', 1]])
  expect(Object.fromEntries(await samples('disputes_open'))).toEqual({ own: 2, other: 1, none: 1 })
})

test('what cannot be read stands as it was, and no deadline is left where nothing is due', async () => {
  const { standing, disputes, samples, counted } = setUp('challenger')
  standing.see([], [dispute(0, 'live', { solver: false, deadline: 400 })])
  await standing.count()
  disputes.set(disputeAt(7n, 0), 'live')
  await standing.count()
  expect(await samples('own_deadline_seconds')).toEqual([['', 400]])
  disputes.set(disputeAt(7n, 0), 'won')
  await standing.count()
  expect(await samples('own_deadline_seconds')).toEqual([])
  expect(await counted('disputes_decided_total')).toEqual([['won', 1]])
  await standing.count()
  expect(await counted('disputes_decided_total')).toEqual([['won', 1]])
})

test.each([
  ['solver', 'won', 'lost'],
  ['solver', 'lost', 'won'],
  ['challenger', 'lost', 'lost'],
  ['challenger', 'closed', 'closed'],
] as const)('a dispute that ends as %s: %s is %s', async (side, status, outcome) => {
  const { standing, disputes, counted } = setUp(side)
  standing.see([], [dispute(0, 'live', { solver: true, deadline: 9 })])
  disputes.set(disputeAt(7n, 0), status)
  await standing.count()
  await standing.count()
  expect(await counted('disputes_decided_total')).toEqual([[outcome, 1]])
})

test.each(['upheld', 'void', 'none'] as const)('an own claim that ends as %s', async (status) => {
  const { standing, claims, samples, counted } = setUp('solver')
  standing.see([7n], [])
  await standing.count()
  claims.set(7n, status)
  await standing.count()
  await standing.count()
  expect(await samples('claims_open')).toEqual([['', 0]])
  const expected = status === 'none' ? [] : [[status, 1]]
  expect(await counted('claims_decided_total')).toEqual(expected)
})

test('outcomes are counted from zero on', async () => {
  const { standing, samples } = setUp('solver')
  await standing.count()
  expect(await samples('claims_decided_total')).toEqual([
    ['upheld', 0],
    ['void', 0],
  ])
  expect(await samples('disputes_decided_total')).toHaveLength(3)
})
