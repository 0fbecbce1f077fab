import { totalmem } from 'node:os'
import type { Plan } from './plan/types.ts'

/** A step that takes more memory than there is. Nothing of it was allocated or run. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

/** Throws a TooLargeError unless a plan's tensors fit into so many bytes, by default all that the machine has. */
export function checkMemory(
  { program, arenaWords }: Pick<Plan, 'program' | 'arenaWords'>,
  limitBytes = totalmem(),
): void {
  const words = (tensors: readonly { readonly count: number }[]): number =>
    tensors.reduce((sum, { count }) => sum + count, 0)
  const parts = {
    state: words(program.states),
    constants: words(program.constants),
    step: arenaWords,
  }
  const bytes = 4 * (parts.state + parts.constants + parts.step)
  if (bytes <= limitBytes) return
  const mib = (count: number): string => `${Math.ceil((4 * count) / 2 ** 20)} MiB`
  throw new TooLargeError(
    `the program takes ${Math.ceil(bytes / 2 ** 20)} MiB: ${mib(parts.state)} of state, ${mib(parts.constants)} of ` +
      `constants, ${mib(parts.step)} within a step; there are ${Math.floor(limitBytes / 2 ** 20)} MiB. ` +
      'Make its batch or its model smaller, or run it on a machine with more memory',
  )
}
