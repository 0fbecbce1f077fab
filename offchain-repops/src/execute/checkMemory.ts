import { totalmem } from 'node:os'
import type { MemoryNeed } from '../backends/backend.ts'

/** A step that takes more memory than there is. Nothing of it was allocated or run. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

/**
 * What this process may take: the machine's memory, or what a container leaves of it. `constrained` is what Node knows
 * of the latter: 0, or more than there is, where it knows nothing.
 */
export function processMemoryBytes(
  total = totalmem(),
  constrained = process.constrainedMemory(),
): number {
  return constrained > 0 ? Math.min(total, constrained) : total
}

/**
 * Throws a TooLargeError unless there is room for all that is needed: in the machine's memory, of which `limitBytes`
 * may be taken, and in each kind of its own.
 */
export function checkMemory(needs: readonly MemoryNeed[], limitBytes = processMemoryBytes()): void {
  const own = needs.filter(({ roomBytes }) => roomBytes === undefined)
  const bytes = own.reduce((sum, need) => sum + need.bytes, 0)
  const advice =
    'Make its batch or its model smaller, or run it on a machine or a device with more memory'
  if (bytes > limitBytes) {
    const parts = own.filter((need) => need.bytes > 0)
    const list = parts.map((need) => `${mebibytes(need.bytes)} of ${need.what}`).join(', ')
    throw new TooLargeError(
      `the program takes ${mebibytes(bytes)}: ${list}; there are ${mebibytes(limitBytes, Math.floor)}. ${advice}`,
    )
  }
  for (const { what, bytes: wanted, roomBytes = Infinity } of needs)
    if (wanted > roomBytes)
      throw new TooLargeError(
        `the program takes ${mebibytes(wanted)} of ${what}, which has room for ${mebibytes(roomBytes, Math.floor)}. ${advice}`,
      )
}

const mebibytes = (bytes: number, round = Math.ceil): string => `${round(bytes / 2 ** 20)} MiB`
