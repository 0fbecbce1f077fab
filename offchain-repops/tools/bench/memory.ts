import { readFileSync, writeFileSync } from 'node:fs'
import { bytesOf } from '../../src/execute/bytesOf.ts'
import type { Plan } from '../../src/execute/plan/types.ts'

/** Bytes of states and constants. */
export function bytesOutside({ program }: Plan): number {
  return bytesOf([...program.states, ...program.constants])
}

/** Bytes that are live at the worst moment of a step, states and constants included. */
export function bytesNeeded(plan: Plan): number {
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  plan.tasks.forEach(({ inputs, outputs }, at) => {
    for (const slot of [...inputs, ...outputs]) {
      if (plan.slots[slot].place.kind !== 'arena') continue
      if (!first.has(slot)) first.set(slot, at)
      last.set(slot, at)
    }
  })
  const change = new Float64Array(plan.tasks.length + 1)
  for (const [slot, at] of first) {
    const bytes = 4 * plan.slots[slot].count
    change[at] += bytes
    change[(last.get(slot) ?? at) + 1] -= bytes
  }
  // A result that is computed in the place of an operand is live with it at one moment, and needs no words of its own.
  const shared = plan.tasks.map(({ inputs, outputs }, at) =>
    outputs.reduce(
      (sum, output) =>
        sum + (takesOver(plan, inputs, output, last, at) ? 4 * plan.slots[output].count : 0),
      0,
    ),
  )
  let [live, most] = [0, 0]
  plan.tasks.forEach((_, at) => {
    live += change[at]
    most = Math.max(most, live - shared[at])
  })
  return most + bytesOutside(plan)
}

function takesOver(
  { slots }: Plan,
  inputs: readonly number[],
  output: number,
  last: ReadonlyMap<number, number>,
  at: number,
): boolean {
  const { place } = slots[output]
  return inputs.some((input) => {
    const other = slots[input].place
    return (
      place.kind === 'arena' &&
      other.kind === 'arena' &&
      place.offset === other.offset &&
      last.get(input) === at
    )
  })
}

/** The largest resident set while something runs; Linux tells. */
export async function peakBytes(run: () => Promise<void>): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  globalThis.gc?.()
  writeFileSync('/proc/self/clear_refs', '5')
  await run()
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return peak === null ? undefined : Number(peak[1]) * 1024
}
