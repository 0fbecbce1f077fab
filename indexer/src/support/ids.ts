// Ids that are made of several things. Text sorts like numbers where those are padded.
import type { Address, Hash } from 'viem'

/** Where an event stands on the chain: sorts in its order. */
export const eventId = (block: bigint, logIndex: number): string =>
  `${padded(block, 10)}-${padded(logIndex, 6)}`

export const attemptId = (job: bigint, attempt: number): string => `${job}-${attempt}`
export const answerId = (claim: bigint, kind: 'steps' | 'graph', index: number): string =>
  `${claim}-${kind}-${index}`
export const moveId = (dispute: bigint, index: number): string => `${dispute}-${padded(index, 5)}`
export const lockId = (vault: Address, lock: Hash): string => `${vault}-${lock}`
export const delegationId = (vault: Address, owner: Address): string => `${vault}-${owner}`
export const exitId = (vault: Address, controller: Address, request: bigint): string =>
  `${vault}-${controller}-${request}`
export const roundId = (contest: bigint, round: number | bigint): string => `${contest}-${round}`
export const entrantId = (contest: bigint, entrant: number | bigint): string =>
  `${contest}-${entrant}`
export const evaluationId = (contest: bigint, entrant: bigint, round: bigint): string =>
  `${contest}-${entrant}-${round}`
export const outcomeId = (market: bigint, outcome: number | bigint): string =>
  `${market}-${outcome}`
export const positionId = (market: bigint, outcome: number | bigint, owner: Address): string =>
  `${market}-${outcome}-${owner}`
export const liquidityId = (market: bigint, owner: Address): string => `${market}-${owner}`
export const epochId = (series: bigint, epoch: bigint): string => `${series}-${epoch}`

const padded = (value: number | bigint, digits: number): string =>
  String(value).padStart(digits, '0')
