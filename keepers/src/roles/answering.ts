import { type Claim, disputeAt } from '../chain/claims.ts'
import type { Head } from '../chain/connect.ts'
import { type Dispute, isOpen, readDispute } from '../chain/disputes.ts'
import type { Trace } from '../trace/trace.ts'
import { commitGraph, commitPartials, commitSteps, reveal } from '../walk/answers.ts'
import { type DisputeState, disputeState } from '../walk/dispute-state.ts'
import type { Plan } from '../walk/plan.ts'
import { type Guard, type Keeper, move, type Row } from './keeper.ts'

export interface AnswerScene {
  readonly keeper: Keeper
  readonly trace: Trace
  readonly dispute: Dispute
}

/** What a solver, or its delegate, does in a dispute of its claim: it answers, and it calls time. */
export const answering: Record<DisputeState, Row<AnswerScene>> = {
  queued: {},
  choosingInterval: { late: callTime },
  awaitingReveal: { act: answer(reveal) },
  awaitingSteps: { act: answer(commitSteps) },
  choosingStep: { late: callTime },
  awaitingGraph: { act: answer(commitGraph) },
  choosingNode: { late: callTime },
  choosingElement: { late: callTime },
  awaitingPartials: { act: answer(commitPartials) },
  choosingPartial: { late: callTime },
  readyToProve: { late: callTime },
  won: {},
  lost: {},
  closed: {},
}

function answer(plan: (trace: Trace, dispute: Dispute) => Promise<Plan>) {
  return async ({ keeper, trace, dispute }: AnswerScene): Promise<void> => {
    await move(keeper, `${dispute.id}:${dispute.position.hash}`, await plan(trace, dispute))
  }
}

/** Decides a dispute against the side whose clock has run out. */
export async function callTime({ keeper, dispute }: Omit<AnswerScene, 'trace'>): Promise<void> {
  await move(keeper, `${dispute.id}:${dispute.position.hash}`, {
    functionName: 'timeout',
    args: [dispute.id, dispute.position.packed, dispute.answer],
  })
}

/** The two sides of a dispute. */
export type Side = 'solver' | 'challenger'

/** Finds a dispute's row and does what it says, at most one thing. `side`: which one we are on. */
export async function follow<Scene extends { readonly dispute: Dispute }>(
  table: Record<DisputeState, Row<Scene>>,
  scene: Scene,
  head: Head,
  side: Side,
): Promise<DisputeState> {
  const { dispute } = scene
  const state = disputeState(dispute)
  const row = table[state]
  const { turn } = dispute
  if (turn === undefined) {
    await row.act?.(scene)
    return state
  }
  const isOurs = turn.solver === (side === 'solver')
  const isLate = head.time > BigInt(turn.deadline)
  if (isLate && !isOurs) await row.late?.(scene)
  else if (!isLate && isOurs) await row.act?.(scene)
  return state
}

/** The disputes of a claim that are not decided; `claimBlock` is the block of the claim. */
export async function openDisputes(
  { contracts }: Pick<Keeper, 'contracts'>,
  guard: Guard,
  claim: Claim,
  claimBlock: bigint,
): Promise<Dispute[]> {
  const found: Dispute[] = []
  for (let place = claim.cursor; place < claim.disputes; place++) {
    const id = disputeAt(claim.id, place)
    await guard.run(`reading dispute ${id}`, async () => {
      const dispute = await readDispute(contracts, id, claimBlock)
      if (isOpen(dispute)) found.push(dispute)
    })
  }
  return found
}

/** Answers those disputes of a claim that are under way, the one with the least time first. */
export async function answerDisputes(
  keeper: Keeper,
  guard: Guard,
  disputes: readonly Dispute[],
  trace: Trace,
  head: Head,
): Promise<void> {
  const live = disputes.filter(({ status }) => status === 'live')
  live.sort((a, b) => (a.turn?.deadline ?? 0) - (b.turn?.deadline ?? 0))
  for (const dispute of live) {
    await guard.run(`dispute ${dispute.id}`, async () => {
      await follow(answering, { keeper, trace, dispute }, head, 'solver')
    })
  }
}
