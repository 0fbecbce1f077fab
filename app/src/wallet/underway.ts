import { type Call, callsIn, functionOf } from './calls.ts'
import type { Pending } from './pending.ts'

/**
 * Whether one of these functions is called by a transaction that what was read at `block` does not know of: it waits
 * for a block, or is in a newer one. To send it once more would be refused, or be paid for nothing.
 */
export const isUnderway = (
  list: readonly Pending[],
  names: readonly Call[],
  block: bigint,
): boolean =>
  list.some(({ stage, block: at = 0, data }) => {
    if (stage === 'lost' || stage === 'replaced') return false
    if (stage !== 'sent' && BigInt(at) <= block) return false
    return callsIn(data)?.some((call) => names.some((name) => name === functionOf(call))) === true
  })
