import type { Hash } from '@lockstep/repops'
import { type Contest, type Evaluation, JUDGE_HOLD_SECONDS } from '../chain/contests.ts'
import type { EvaluationJob } from '../chain/evaluation-jobs.ts'
import { ENTRY, TEST_SET } from './evaluator.ts'

/** A commitment of a contest: of an entrant, or of a round's test set. */
export interface Commitment {
  readonly constant: typeof ENTRY | typeof TEST_SET
  /** Number of the entrant or round. */
  readonly index: number
}

/** A contest at one look at the chain, as one keeper sees it. */
export interface ContestScene {
  readonly contest: Contest
  /** Of all evaluations that are pending. */
  readonly jobs: readonly EvaluationJob[]
  /** Unix seconds. */
  readonly time: number
  /** Commitments that this keeper can open. */
  readonly held: ReadonlySet<Hash>
  /** Settled jobs whose score cannot be opened. */
  readonly unreportable: ReadonlySet<bigint>
  /** Whether this keeper sees to an entrant's evaluations, and to what it gets back. */
  readonly caresFor: (entrant: number) => boolean
}

/** Something that can be done in a contest now. */
export type DueMove =
  | { readonly kind: 'reveal'; readonly of: Commitment; readonly by: number }
  | { readonly kind: 'order'; readonly entrant: number; readonly round: number }
  | { readonly kind: 'conclude' }
  | { readonly kind: 'return'; readonly entrant: number }
  | {
      readonly kind: 'report' | 'notice' | 'drop' | 'settle' | 'reopen' | 'abandon'
      readonly at: EvaluationJob
    }

const reveal = (due: { of: Commitment; by: number }) => ({ kind: 'reveal', ...due }) as const

/** All that can be done in a contest now; what can come too late is first. */
export function dueMoves(scene: ContestScene): DueMove[] {
  const { contest, jobs, time, caresFor } = scene
  const { isConcluded, verdict, decidedBy, entrants } = contest
  const moves: DueMove[] = isConcluded ? [] : [...dueReveals(scene).map(reveal), ...orders(scene)]
  for (const at of jobs.filter(({ evaluation }) => caresFor(evaluation.entrant))) {
    const kind = dueOf(scene, at)
    if (kind !== undefined) moves.push({ kind, at })
  }
  if (!isConcluded && (verdict === 'decided' || verdict === 'void'))
    moves.push({ kind: 'conclude' })
  if (!isConcluded && time <= decidedBy) return moves
  const owed = entrants.filter(({ index, escrow }) => escrow > 0n && caresFor(index))
  return [...moves, ...owed.map(({ index }) => ({ kind: 'return', entrant: index }) as const)]
}

/** Whether nothing will have to be done in a contest any more. */
export function isOver({ contest, jobs, caresFor }: ContestScene): boolean {
  const { isConcluded, entrants } = contest
  // The reward of a settled job is paid: nothing of it comes back.
  const comesBack = jobs.some(
    ({ job, evaluation }) => job.status !== 'settled' && caresFor(evaluation.entrant),
  )
  const isOwed = entrants.some(({ index, escrow }) => escrow > 0n && caresFor(index))
  return isConcluded && !comesBack && !isOwed
}

/** Commitments that can be opened now, and are of use; `by`: until when. */
export function dueReveals({
  contest,
  time,
  held,
}: Pick<ContestScene, 'contest' | 'time' | 'held'>): { of: Commitment; by: number }[] {
  const { rounds, entrants, entriesClose } = contest
  const testSets = rounds
    .filter(({ root, opensAt }) => root === undefined && opensAt <= time)
    .filter(({ revealBy, commitment }) => time <= revealBy && held.has(commitment))
    .map(({ index, revealBy }) => ({ constant: TEST_SET, index, by: revealBy }) as const)
  const entries = entrants
    .filter(({ root, commitment }) => root === undefined && held.has(commitment))
    .filter(({ index }) => time > entriesClose && canComplete(contest, index, time))
    .map(({ index }) => ({ constant: ENTRY, index, by: firstOrderBy(contest, index) }) as const)
  return [...testSets, ...entries].map(({ by, ...of }) => ({ of, by }))
}

function orders({ contest, time, caresFor }: ContestScene): DueMove[] {
  const able = contest.entrants.filter(
    ({ index, root }) => root !== undefined && caresFor(index) && canComplete(contest, index, time),
  )
  return contest.rounds
    .filter(
      ({ root, opensAt, orderBy }) => root !== undefined && opensAt <= time && time <= orderBy,
    )
    .flatMap(({ index: round }) =>
      able
        .filter(({ index }) => evaluationOf(contest, index, round) === undefined)
        .map(({ index }) => ({ kind: 'order', entrant: index, round }) as const),
    )
}

/** Whether an entrant can still have a score of every round. An order for one that cannot would only cost it money. */
export function canComplete(contest: Contest, entrant: number, time: number): boolean {
  const ordered = contest.evaluations.filter((of) => of.entrant === entrant)
  const ended = ordered.filter(({ isPending }) => !isPending).length
  if (ended > contest.entrants[entrant].scored) return false // one was dropped
  return contest.rounds.every(
    ({ index, root, revealBy, orderBy }) =>
      evaluationOf(contest, entrant, index) !== undefined ||
      time <= (root === undefined ? revealBy : orderBy),
  )
}

/** By when the next evaluation of an entrant is to be ordered. */
function firstOrderBy(contest: Contest, entrant: number): number {
  const next = contest.rounds.find(
    ({ index }) => evaluationOf(contest, entrant, index) === undefined,
  )
  return next?.orderBy ?? contest.decidedBy
}

function evaluationOf(
  { evaluations }: Contest,
  entrant: number,
  round: number,
): Evaluation | undefined {
  return evaluations.find((of) => of.entrant === entrant && of.round === round)
}

/** What an evaluation's job wants. */
function dueOf(
  { contest, time, unreportable }: ContestScene,
  { job, claim, noticeAt }: EvaluationJob,
): Extract<DueMove, { at: EvaluationJob }>['kind'] | undefined {
  switch (job.status) {
    case 'open':
      return time > job.deadline ? 'drop' : undefined
    case 'expired':
      return 'drop'
    case 'taken':
      return time > job.takenAt + job.workSeconds ? 'abandon' : undefined
    case 'claimed':
      if (claim === 'upheld') return 'settle'
      return claim === 'void' ? 'reopen' : undefined
    case 'settled':
      // A concluded contest takes no report, and no money comes of dropping it.
      if (contest.isConcluded) return undefined
      if (noticeAt !== 0 && time > noticeAt + JUDGE_HOLD_SECONDS) return 'drop'
      if (!unreportable.has(job.id) && job.takenAt <= contest.heldUntil) return 'report'
      return noticeAt === 0 ? 'notice' : undefined
    default:
      return undefined
  }
}
