import type { Program } from '../program/types.ts'
import { outputOf } from '../program/wants.ts'
import type { Corruption } from './fittingPlan.ts'

/** Throws a RangeError for a corruption that hits nothing: it would make an honest run that thinks it cheats. */
export function checkCorruption(program: Program, corruption: Corruption | undefined): void {
  if (corruption === undefined) return
  const { node, element, bit } = corruption
  const within = (value: number, limit: number): boolean =>
    Number.isInteger(value) && value >= 0 && value < limit
  if (!within(node, program.nodes.length))
    throw new RangeError(`no node ${node} to corrupt, the program has ${program.nodes.length}`)
  const { count } = outputOf(program.nodes[node])
  if (!within(element, count))
    throw new RangeError(`no element ${element} to corrupt, node ${node} has ${count}`)
  if (!within(bit, 32)) throw new RangeError(`no bit ${bit} to corrupt, an element has 32`)
}
