/** `JobStatus` of IJobRegistry.sol, in its order. */
export const JOB_STATUSES = [
  'none',
  'open',
  'taken',
  'claimed',
  'settled',
  'cancelled',
  'expired',
] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

/** `ClaimStatus` of IVerde.sol, in its order. */
export const CLAIM_STATUSES = ['none', 'pending', 'upheld', 'void'] as const
export type ClaimStatus = (typeof CLAIM_STATUSES)[number]

/** `DisputeStatus` of IVerde.sol, in its order. */
export const DISPUTE_STATUSES = ['none', 'queued', 'live', 'won', 'lost', 'closed'] as const
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number]

/** `MarketStatus` of IDelphi.sol, in its order. */
export const MARKET_STATUSES = ['none', 'open', 'settled', 'void'] as const
export type MarketStatus = (typeof MARKET_STATUSES)[number]
