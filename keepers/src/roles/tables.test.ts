import { PHASES, type Position, TREES } from '@lockstep/deployments/protocol'
import { describe, expect, test } from 'vitest'
import type { Claim } from '../chain/claims.ts'
import type { Dispute } from '../chain/disputes.ts'
import type { Job } from '../chain/jobs.ts'
import { disputeState } from '../walk/dispute-state.ts'
import { answering, follow } from './answering.ts'
import { challenging, claimState } from './challenger.ts'
import type { Row } from './keeper.ts'
import { jobState } from './solver.ts'

const position = (fields: Partial<Position>): Position =>
  ({ phase: 'checkpoints', tree: 'none', open: false, ...fields }) as Position

const live = (fields: Partial<Position>, solver: boolean): Dispute =>
  ({ status: 'live', position: position(fields), turn: { solver, deadline: 100 } }) as Dispute

describe('where a dispute stands', () => {
  test.each([
    [{ phase: 'checkpoints', open: true, tree: 'checkpoints' }, true, 'awaitingReveal'],
    [{ phase: 'checkpoints', tree: 'checkpoints' }, false, 'choosingInterval'],
    [{ phase: 'steps' }, true, 'awaitingSteps'],
    [{ phase: 'steps' }, false, 'choosingStep'],
    [{ phase: 'steps', open: true, tree: 'steps' }, true, 'awaitingReveal'],
    [{ phase: 'graph' }, true, 'awaitingGraph'],
    [{ phase: 'graph' }, false, 'choosingNode'],
    [{ phase: 'graph', open: true, tree: 'state' }, true, 'awaitingReveal'],
    [{ phase: 'element' }, false, 'choosingElement'],
    [{ phase: 'partials' }, true, 'awaitingPartials'],
    [{ phase: 'pick' }, false, 'choosingPartial'],
    [{ phase: 'proof' }, false, 'readyToProve'],
  ] as const)('%j, owed by the solver: %s, is %s', (fields, solver, state) => {
    expect(disputeState(live(fields, solver))).toBe(state)
  })

  test.each(['won', 'lost', 'closed', 'queued'] as const)(
    'a dispute that is %s is nothing else',
    (status) => {
      for (const phase of PHASES) {
        expect(disputeState({ status, position: position({ phase }), turn: undefined })).toBe(
          status,
        )
      }
    },
  )
})

describe('whose turn it is decides who acts', () => {
  const calls: string[] = []
  const note = (name: string) => () => {
    calls.push(name)
    return Promise.resolve()
  }
  const row: Row<unknown> = { act: note('act'), late: note('late') }
  const table = Object.fromEntries(Object.keys(answering).map((state) => [state, row])) as Record<
    keyof typeof answering,
    Row<unknown>
  >
  const head = (time: bigint) => ({ number: 1n, hash: '0x' as const, time })

  test.each([
    // whose turn, on which side we are, at what time (the deadline is 100), what is done
    [true, 'solver', 100n, ['act']],
    [true, 'challenger', 100n, []],
    [true, 'challenger', 101n, ['late']],
    [true, 'solver', 101n, []],
    [false, 'challenger', 100n, ['act']],
    [false, 'solver', 101n, ['late']],
    [false, 'challenger', 101n, []],
  ] as const)('solver owes: %s, we are the %s, time %i: %j', async (solver, side, time, done) => {
    calls.length = 0
    await follow(table, { dispute: live({ phase: 'graph' }, solver) }, head(time), side)
    expect(calls).toEqual(done)
  })
})

describe('every state has exactly one side that acts and one that calls time', () => {
  const decided = ['won', 'lost', 'closed', 'queued']
  for (const state of Object.keys(answering) as (keyof typeof answering)[]) {
    test(state, () => {
      const [solver, challenger] = [answering[state], challenging[state]]
      if (decided.includes(state)) {
        expect([solver, challenger]).toEqual([{}, {}])
        return
      }
      const solverOwes = state.startsWith('awaiting')
      expect({ act: solver.act !== undefined, late: solver.late !== undefined }).toEqual({
        act: solverOwes,
        late: !solverOwes,
      })
      expect({ act: challenger.act !== undefined, late: challenger.late !== undefined }).toEqual({
        act: !solverOwes,
        late: solverOwes,
      })
    })
  }
})

describe('where a job stands for a solver', () => {
  const ours = '0xAAaAAAaaAAaaAAAaaaAAaAaAAAAaAAAaaAaAaAaa'
  const job = (fields: Partial<Job>): Job =>
    ({
      status: 'open',
      vault: '0x00',
      takenAt: 50,
      workSeconds: 50,
      deadline: 100,
      ...fields,
    }) as Job
  const claim = (status: Claim['status']) => ({ status })

  test.each([
    [job({}), undefined, 100n, 'open'],
    [job({}), undefined, 101n, 'tooLate'],
    [job({ status: 'taken', vault: ours.toLowerCase() as never }), undefined, 100n, 'mine'],
    [job({ status: 'taken' }), undefined, 100n, 'taken'],
    [job({ status: 'taken' }), undefined, 101n, 'overdue'],
    [job({ status: 'claimed', vault: ours }), claim('pending'), 0n, 'claimed'],
    [job({ status: 'claimed', vault: ours }), claim('upheld'), 0n, 'upheld'],
    [job({ status: 'claimed' }), claim('upheld'), 0n, 'foreignClaim'],
    [job({ status: 'claimed' }), claim('void'), 0n, 'void'],
    [job({ status: 'claimed', vault: ours }), claim('void'), 0n, 'slashed'],
    [job({ status: 'settled' }), undefined, 0n, 'final'],
    [job({ status: 'cancelled' }), undefined, 0n, 'final'],
    [job({ status: 'expired' }), undefined, 0n, 'final'],
  ])('%#: %j %j at %i is %s', (one, its, time, state) => {
    expect(jobState(one, its, ours, time)).toBe(state)
  })
})

describe('where a claim stands for a challenger', () => {
  const us = '0x01'
  const claim = (fields: Partial<Claim> = {}): Claim =>
    ({ status: 'pending', solver: '0x02', windowEnd: 100n, ...fields }) as Claim
  const disputes = (...statuses: Dispute['status'][]) => statuses.map((status) => ({ status }))

  test.each([
    [claim(), undefined, [], 100n, 'unchecked'],
    [claim(), 'right', [], 100n, 'right'],
    [claim(), 'wrong', [], 100n, 'wrong'],
    [claim(), 'malformed', [], 100n, 'wrong'],
    [claim(), 'wrong', [], 101n, 'decided'],
    [claim(), 'wrong', disputes('live'), 101n, 'disputed'],
    [claim(), 'wrong', disputes('queued'), 100n, 'disputed'],
    // After a restart the replay has to be repeated before a dispute can go on.
    [claim(), undefined, disputes('live'), 101n, 'unchecked'],
    [claim(), 'wrong', disputes('lost'), 100n, 'wrong'],
    [claim(), 'wrong', disputes('lost', 'lost', 'lost'), 100n, 'decided'],
    [claim({ status: 'void' }), 'wrong', disputes('won'), 50n, 'decided'],
    [claim({ status: 'void' }), 'wrong', disputes('live'), 50n, 'disputed'],
    [claim({ status: 'upheld' }), 'wrong', [], 101n, 'decided'],
    [claim({ solver: '0x01' }), undefined, [], 50n, 'own'],
    // Its event was seen, its storage not yet: everything in it is zero.
    [claim({ status: 'none', solver: '0x00', windowEnd: 0n }), undefined, [], 50n, 'none'],
  ] as const)('%#: %s', (one, verdict, made, time, state) => {
    expect(claimState(one, verdict, made, us, time)).toBe(state)
  })
})

test('phases and trees are those of the contract', () => {
  expect(PHASES.length).toBe(7)
  expect(TREES.length).toBe(6)
})
