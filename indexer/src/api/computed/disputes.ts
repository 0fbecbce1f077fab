import { type Phase, turnOf } from '@lockstep/deployments/protocol'
import type { RowOf } from '../data/rows.ts'
import type { Context } from '../schema/context.ts'
import { type Computed, find, get, timeLeft } from './computed.ts'
import { decimalOf } from './decimal.ts'
import { Reference } from '../schema/entities.ts'

/** Whose clock runs in a live dispute. */
export interface DisputeTurn {
  readonly side: 'SOLVER' | 'CHALLENGER'
  readonly start: number
  readonly deadline: number
  readonly solverLeft: number
  readonly challengerLeft: number
  readonly secondsLeft: number
}

export async function turnOfDispute(
  dispute: RowOf<'dispute'>,
  context: Context,
): Promise<DisputeTurn | null> {
  const { status, claimId, admittedAt, solverLeft, challengerLeft } = dispute
  if (status !== 'LIVE' || admittedAt === null) return null
  const claim = await get(context, 'claim', claimId)
  const [{ extension, heavyExtension }, answeredAt, now] = await Promise.all([
    get(context, 'verdeParametersVersion', claim.parametersId),
    answeredFor(dispute, context),
    context.now(),
  ])
  const { solver, ...turn } = turnOf(
    {
      phase: dispute.phase.toLowerCase() as Phase,
      tree: dispute.demandTree,
      open: dispute.isDemandOpen,
      turnStart: dispute.turnStart ?? 0,
      solverLeft,
      challengerLeft,
    },
    { admittedAt, answeredAt, extension, heavyExtension },
  )
  return {
    ...turn,
    side: solver ? 'SOLVER' : 'CHALLENGER',
    secondsLeft: timeLeft(turn.deadline, now),
  }
}

/** When the claim got the answer that the phase waits for; 0 if it has none, or none is waited for. */
async function answeredFor(
  { claimId, phase, interval, step }: RowOf<'dispute'>,
  context: Context,
): Promise<number> {
  const index = phase === 'STEPS' ? interval : phase === 'GRAPH' ? step : null
  if (index === null) return 0
  const answer = await find(context, 'answer', `${claimId}-${phase.toLowerCase()}-${index}`)
  return answer?.answeredAt ?? 0
}

const scalar = (bits: string | null, isInt32: boolean | null): object | null =>
  bits === null ? null : { bits, decimal: decimalOf(bits, isInt32 ?? false) }

const walk: Computed<'dispute'> = async (dispute, _, context) => {
  const claim = await get(context, 'claim', dispute.claimId)
  const { steps, interval, nodes } = await get(context, 'computation', claim.computationId)
  const every = BigInt(interval)
  const level = (
    name: string,
    index: bigint | number | null,
    of: bigint | number | null,
    moveId: string | null,
    label: string | null = null,
  ): object => ({
    level: name,
    index,
    of,
    label,
    move: moveId === null ? null : new Reference(moveId),
  })
  return [
    level('CHECKPOINT', dispute.interval, (steps + every - 1n) / every, dispute.intervalMoveId),
    level('STEP', dispute.step, steps, dispute.stepMoveId),
    level('OPERATOR', dispute.node, nodes, dispute.nodeMoveId, dispute.operator),
    level('ELEMENT', dispute.element, dispute.elementCount, dispute.elementMoveId),
    level('SEGMENT', dispute.segment, dispute.segmentCount, dispute.segmentMoveId),
  ]
}

const turn: Computed<'dispute'> = (dispute, _, context) => turnOfDispute(dispute, context)
const claimed: Computed<'dispute'> = ({ claimedBits, isInt32 }) => scalar(claimedBits, isInt32)
const right: Computed<'dispute'> = ({ rightBits, isInt32 }) => scalar(rightBits, isInt32)

export const disputes = { Dispute: { turn, claimed, right, walk } }
