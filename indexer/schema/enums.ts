// Values of the enumerations of subgraph-schema.graphql that are stored.

export const JOB_STATUS = ['OPEN', 'TAKEN', 'CLAIMED', 'SETTLED', 'CANCELLED', 'EXPIRED'] as const
export const ATTEMPT_OUTCOME = ['WORKING', 'CLAIMED', 'SETTLED', 'VOIDED', 'ABANDONED'] as const
export const ANSWER_KIND = ['STEPS', 'GRAPH'] as const
export const DISPUTE_STATUS = ['QUEUED', 'LIVE', 'WON', 'LOST', 'CLOSED'] as const
export const PHASE = [
  'CHECKPOINTS',
  'STEPS',
  'GRAPH',
  'ELEMENT',
  'PARTIALS',
  'PICK',
  'PROOF',
] as const
export const SIDE = ['SOLVER', 'CHALLENGER'] as const
export const VERDICT = ['PENDING', 'DECIDED', 'VOID'] as const
export const EVALUATION_STATUS = ['ORDERED', 'REPORTED', 'DROPPED'] as const
export const MARKET_STATUS = ['OPEN', 'SETTLED', 'VOID'] as const
export const TRADE_SIDE = ['BUY', 'SELL'] as const
/** `Tree` of IVerde.sol: what the last demand of a phase asked for. */
export const TREE = ['none', 'checkpoints', 'steps', 'graph', 'state', 'tensor'] as const
