import type { Dispute } from '../chain/disputes.ts'

/** Every state that the chain can show of a dispute; each role has one row for each of them. */
export type DisputeState =
  | 'queued'
  | 'choosingInterval'
  | 'awaitingReveal'
  | 'awaitingSteps'
  | 'choosingStep'
  | 'awaitingGraph'
  | 'choosingNode'
  | 'choosingElement'
  | 'awaitingPartials'
  | 'choosingPartial'
  | 'readyToProve'
  | 'won'
  | 'lost'
  | 'closed'

/**
 * Derived from the chain alone, each time anew. Whether an answer is still owed is the contract's word (`turn`):
 * one that came after its deadline does not count.
 */
export function disputeState({
  status,
  position,
  turn,
}: Pick<Dispute, 'status' | 'position' | 'turn'>): DisputeState {
  if (status === 'won' || status === 'lost' || status === 'closed' || status === 'queued')
    return status
  if (status === 'none') return 'closed'
  if (position.open) return 'awaitingReveal'
  switch (position.phase) {
    case 'checkpoints':
      return 'choosingInterval'
    case 'steps':
      return turn?.solver === true ? 'awaitingSteps' : 'choosingStep'
    case 'graph':
      return turn?.solver === true ? 'awaitingGraph' : 'choosingNode'
    case 'element':
      return 'choosingElement'
    case 'partials':
      return 'awaitingPartials'
    case 'pick':
      return 'choosingPartial'
    case 'proof':
      return 'readyToProve'
  }
}
