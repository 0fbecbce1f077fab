import type { ClaimStatus } from '@lockstep/deployments/protocol'
import type { Hash } from '@lockstep/repops'
import { describe, expect, test } from 'vitest'
import { type Contest, type Evaluation, JUDGE_HOLD_SECONDS } from '../chain/contests.ts'
import type { EvaluationJob } from '../chain/evaluation-jobs.ts'
import type { Job } from '../chain/jobs.ts'
import { canComplete, type ContestScene, dueMoves, isOver } from './due.ts'

const OWNER = `0x${'0a'.repeat(20)}` as const
const CLOSE = 100
const END = 1000

/** Two rounds, open from 200 to 300 and from 400 to 500; two entrants. */
function contestOf(
  changes: Partial<Contest> & {
    shown?: readonly number[]
    sets?: readonly number[]
    scored?: number
    escrow?: bigint
  } = {},
): Contest {
  const { shown = [], sets = [], scored = 0, escrow = 0n, ...rest } = changes
  return {
    ...{ id: 1n, opener: OWNER, evaluator: '0xee', attester: OWNER, uri: '' },
    ...{ maxEntrants: 2, entriesClose: CLOSE, workSeconds: 10, solveSeconds: 500 },
    ...{ reward: 1n, stake: 1n, verdict: 'pending', isConcluded: false, winners: [] },
    ...{ secretUntil: 399, decidedBy: END, heldUntil: END + JUDGE_HOLD_SECONDS + 20, entryFee: 2n },
    rounds: [200, 400].map((opensAt, index) => ({
      ...{ index, opensAt, revealBy: opensAt + 50, orderBy: opensAt + 100 },
      commitment: `0xb${index}`,
      root: sets.includes(index) ? '0x77' : undefined,
    })),
    entrants: [0, 1].map((index) => ({
      ...{ index, owner: OWNER, escrow, scored, total: 0n, provenance: undefined },
      commitment: `0xa${index}`,
      root: shown.includes(index) ? '0x55' : undefined,
    })),
    evaluations: [],
    ...rest,
  }
}

const evaluation = (entrant: number, round: number, isPending = true): Evaluation => ({
  ...{ entrant, round, isPending },
  job: BigInt(10 * entrant + round),
})

function jobOf(
  of: Evaluation,
  job: Partial<Job>,
  claim?: ClaimStatus,
  noticeAt = 0,
): EvaluationJob {
  const fields = { id: of.job, status: 'open', deadline: 900, takenAt: 0, workSeconds: 10, ...job }
  return { evaluation: of, job: fields as Job, claim, noticeAt }
}

function scene(contest: Contest, time: number, rest: Partial<ContestScene> = {}): ContestScene {
  const nothing = { jobs: [], held: new Set<Hash>(), unreportable: new Set<bigint>() }
  return { contest, time, caresFor: () => true, ...nothing, ...rest }
}

const named = (at: ContestScene): string[] =>
  dueMoves(at).map((move) => {
    if (move.kind === 'reveal')
      return `reveal ${move.of.constant === 0 ? 'entrant' : 'round'} ${move.of.index} by ${move.by}`
    if (move.kind === 'order') return `order ${move.entrant} in ${move.round}`
    if (move.kind === 'conclude') return 'conclude'
    return move.kind === 'return' ? `return ${move.entrant}` : `${move.kind} ${move.at.job.id}`
  })

const all = new Set<Hash>(['0xa0', '0xa1', '0xb0', '0xb1'])

describe('what is committed to is shown when it is due', () => {
  test.each([
    [CLOSE, []],
    [CLOSE + 1, ['reveal entrant 0 by 300', 'reveal entrant 1 by 300']],
    [200, ['reveal round 0 by 250', 'reveal entrant 0 by 300', 'reveal entrant 1 by 300']],
    [250, ['reveal round 0 by 250', 'reveal entrant 0 by 300', 'reveal entrant 1 by 300']],
    // The first test set was not shown in time: nobody can have all scores any more.
    [251, []],
    [400, ['reveal round 1 by 450']],
  ])('at %i', (time, moves) => {
    expect(named(scene(contestOf(), time, { held: all }))).toEqual(moves)
  })

  test('by whoever can open it, once, and not after the verdict', () => {
    expect(named(scene(contestOf(), 200, { held: new Set<Hash>(['0xa1']) }))).toEqual([
      'reveal entrant 1 by 300',
    ])
    const shown = contestOf({ shown: [0, 1], sets: [0] })
    expect(named(scene({ ...shown, maxEntrants: 9 }, 220, { held: all }))).toEqual([
      'order 0 in 0',
      'order 1 in 0',
    ])
    const concluded = contestOf({ isConcluded: true, verdict: 'void' })
    expect(named(scene(concluded, 200, { held: all }))).toEqual([])
  })
})

describe('an evaluation is ordered', () => {
  const contest = contestOf({ shown: [0], sets: [0] })

  test.each([
    [199, []],
    [200, ['order 0 in 0']],
    [300, ['order 0 in 0']],
    [301, []],
  ])('at %i', (time, moves) => {
    expect(named(scene(contest, time))).toEqual(moves)
  })

  test('once', () => {
    const evaluations = [evaluation(0, 0)]
    expect(named(scene({ ...contest, evaluations }, 220))).toEqual([])
  })

  test('not for an entrant that missed a round or lost an evaluation', () => {
    const both = contestOf({ shown: [0, 1], sets: [0, 1], evaluations: [evaluation(0, 0)] })
    expect(named(scene(both, 420))).toEqual(['order 0 in 1'])
    const dropped = { ...both, evaluations: [evaluation(0, 0, false)] }
    expect(named(scene(dropped, 420))).toEqual([])
    const reported = contestOf({
      ...{ shown: [0], sets: [0, 1], scored: 1 },
      evaluations: [evaluation(0, 0, false)],
    })
    expect(named(scene(reported, 420))).toEqual(['order 0 in 1'])
    expect(canComplete(reported, 0, 501)).toBe(false)
  })
})

describe('an evaluation under way', () => {
  const of = evaluation(0, 0)
  const contest = contestOf({ evaluations: [of] })
  const late = END + JUDGE_HOLD_SECONDS + 21

  test.each<[string, Partial<Job>, ClaimStatus | undefined, number, number, string[]]>([
    ['waits to be taken', {}, undefined, 0, 900, []],
    ['is dropped when nobody took it', {}, undefined, 0, 901, ['drop 0']],
    [
      'is dropped when somebody let it expire',
      { status: 'expired' },
      undefined,
      0,
      901,
      ['drop 0'],
    ],
    ['is worked on', { status: 'taken', takenAt: 300 }, undefined, 0, 310, []],
    ['is late', { status: 'taken', takenAt: 300 }, undefined, 0, 311, ['abandon 0']],
    ['is in its window', { status: 'claimed' }, 'pending', 0, 400, []],
    ['stood', { status: 'claimed' }, 'upheld', 0, 400, ['settle 0']],
    ['fell', { status: 'claimed' }, 'void', 0, 400, ['reopen 0']],
    ['has a score', { status: 'settled' }, undefined, 0, 400, ['report 0']],
    ['began too late', { status: 'settled', takenAt: late }, undefined, 0, 400, ['notice 0']],
    ['has notice', { status: 'settled', takenAt: late }, undefined, 400, 401, []],
    ['had its notice', { status: 'settled' }, undefined, 9, 10 + JUDGE_HOLD_SECONDS, ['drop 0']],
  ])('%s', (_, job, claim, noticeAt, time, moves) => {
    const jobs = [jobOf(of, job, claim, noticeAt)]
    const { entrants } = contestOf()
    expect(named(scene({ ...contest, entrants, decidedBy: 1e9 }, time, { jobs }))).toEqual(moves)
  })

  test('whose score cannot be opened gets notice, and is still reported if it can be later', () => {
    const jobs = [jobOf(of, { status: 'settled' })]
    const blind = { jobs, unreportable: new Set([of.job]) }
    expect(named(scene(contest, 400, blind))).toEqual(['notice 0'])
    const noticed = [jobOf(of, { status: 'settled' }, undefined, 400)]
    expect(named(scene(contest, 401, { jobs: noticed }))).toEqual(['report 0'])
  })

  test('is of no use once there is a verdict, but what it has in escrow is', () => {
    const concluded = { ...contest, isConcluded: true, verdict: 'decided' } as const
    const settled = scene(concluded, 400, { jobs: [jobOf(of, { status: 'settled' })] })
    expect([named(settled), isOver(settled)]).toEqual([[], true])
    const open = scene(concluded, 901, { jobs: [jobOf(of, {})] })
    expect([named(open), isOver(open)]).toEqual([['drop 0'], false])
  })
})

test('the evaluations of others are left to them', () => {
  const [mine, other] = [evaluation(0, 0), evaluation(1, 0)]
  const caresFor = (entrant: number) => entrant === 0
  const fresh = contestOf({ shown: [0, 1], sets: [0] })
  expect(named(scene(fresh, 220, { caresFor }))).toEqual(['order 0 in 0'])
  const ordered = { ...fresh, evaluations: [mine, other] }
  const jobs = [mine, other].map((of) => jobOf(of, { status: 'settled' }))
  expect(named(scene(ordered, 400, { jobs, caresFor }))).toEqual(['report 0'])
  const concluded = { ...ordered, isConcluded: true, verdict: 'decided' } as const
  expect(isOver(scene(concluded, 901, { jobs: [jobOf(other, {})], caresFor }))).toBe(true)
  expect(isOver(scene(concluded, 901, { jobs: [jobOf(mine, {})], caresFor }))).toBe(false)
})

describe('the end', () => {
  test.each([
    ['pending', false, END, []],
    ['held', false, END + 1, ['return 0', 'return 1']],
    ['decided', false, 600, ['conclude']],
    ['void', false, END + 1, ['conclude', 'return 0', 'return 1']],
    ['decided', true, 600, ['return 0', 'return 1']],
  ] as const)('%s, concluded %s, at %i', (verdict, isConcluded, time, moves) => {
    const at = scene(contestOf({ verdict, isConcluded, escrow: 5n }), time)
    expect(named(at)).toEqual(moves)
    expect(isOver(at)).toBe(false)
  })

  test('comes when nothing is owed to anybody that this keeper cares for', () => {
    const contest = contestOf({ verdict: 'decided', isConcluded: true, escrow: 5n })
    const caresFor = (entrant: number) => entrant === 1
    expect(named(scene(contest, 600, { caresFor }))).toEqual(['return 1'])
    expect(isOver(scene(contest, 600, { caresFor: () => false }))).toBe(true)
    expect(isOver(scene({ ...contest, isConcluded: false }, 600))).toBe(false)
  })
})
