import type { Plan } from '../execute/plan/types.ts'
import type { MemoryNeed } from './backend.ts'

/** The tensors of a plan, each held once. */
export function tensorNeeds({ program, arenaWords }: Plan): readonly MemoryNeed[] {
  const bytes = (tensors: readonly { readonly count: number }[]): number =>
    4 * tensors.reduce((sum, { count }) => sum + count, 0)
  return [
    { what: 'state', bytes: bytes(program.states) },
    { what: 'constants', bytes: bytes(program.constants) },
    { what: 'values within a step', bytes: 4 * arenaWords },
  ]
}
