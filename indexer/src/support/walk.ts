import { PHASES, type Position } from '@lockstep/deployments/protocol'
import { type Hex, numberToHex } from 'viem'
import type { PHASE } from '../../schema/enums.ts'

export type PhaseName = (typeof PHASE)[number]

/** What a position says of a dispute, as the table has it: null where the walk has not come. */
export interface Reached {
  readonly phase: PhaseName
  readonly interval: bigint | null
  readonly step: bigint | null
  readonly node: number | null
  readonly element: bigint | null
  readonly elementCount: bigint | null
  readonly segment: bigint | null
  readonly claimedBits: Hex | null
  readonly level: number
  readonly demandTree: Position['tree']
  readonly isDemandOpen: boolean
  /** Null for the first turn, which begins at the admission. */
  readonly turnStart: number | null
  readonly solverLeft: number
  readonly challengerLeft: number
}

/** `Position` of IVerde.sol says what its fields mean in which phase. */
export function reachedBy(position: Position): Reached {
  const at = PHASES.indexOf(position.phase)
  const isBeyond = (phase: Position['phase']): boolean => at >= PHASES.indexOf(phase)
  return {
    phase: position.phase.toUpperCase() as PhaseName,
    interval: isBeyond('steps') ? BigInt(position.interval) : null,
    step: isBeyond('graph') ? BigInt(position.step) : null,
    node: isBeyond('element') ? position.node : null,
    element: isBeyond('partials') ? BigInt(position.element) : null,
    elementCount: position.phase === 'element' ? BigInt(position.element) : null,
    segment: position.phase === 'proof' ? BigInt(position.segment) : null,
    claimedBits: isBeyond('partials') ? bits(position.value) : null,
    level: position.level,
    demandTree: position.tree,
    isDemandOpen: position.open,
    turnStart: position.turnStart === 0 ? null : position.turnStart,
    solverLeft: position.solverLeft,
    challengerLeft: position.challengerLeft,
  }
}

export const bits = (value: number): Hex => numberToHex(value, { size: 4 })
