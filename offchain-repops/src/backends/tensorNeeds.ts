import { bytesOf } from '../execute/bytesOf.ts'
import type { Plan } from '../execute/plan/types.ts'
import type { MemoryNeed } from './backend.ts'

/** The tensors of a plan, each held once. */
export function tensorNeeds({ program, arenaWords }: Plan): readonly MemoryNeed[] {
  return [
    { what: 'state', bytes: bytesOf(program.states) },
    { what: 'constants', bytes: bytesOf(program.constants) },
    { what: 'values within a step', bytes: 4 * arenaWords },
  ]
}
