import type { Hash } from '@lockstep/repops'
import type { Trace } from '../trace/trace.ts'
import type { Computation } from '../trace/work.ts'
import { MOST_ROOTS } from './receipt.ts'

/**
 * How many steps apart the state roots of a receipt are: the least number that divides the interval, or is a multiple
 * of it, and leaves no more roots than a receipt holds (docs/spec/receipts.md, section 1).
 */
export function spacing({ steps, interval }: Pick<Computation, 'steps' | 'interval'>): number {
  const least = Math.ceil(steps / MOST_ROOTS)
  for (let every = least; every < interval; every++) if (interval % every === 0) return every
  return interval * Math.ceil(least / interval)
}

/** The state roots of a complete run after 0, `every`, 2 · `every`, … steps and after the last. */
export async function stateRoots(trace: Trace, every: number): Promise<Hash[]> {
  const { checkpoints, job } = trace
  const { steps, interval } = job
  const roots = [checkpoints.leaf(0)]
  if (every % interval === 0) {
    for (let at = every; at < steps + every; at += every)
      roots.push(checkpoints.leaf(Math.ceil(Math.min(at, steps) / interval)))
    return roots
  }
  for (let index = 0; index < checkpoints.count - 1; index++) {
    const inside = await trace.stepRoots(index)
    for (let at = every; at < inside.length + every; at += every)
      roots.push(inside[Math.min(at, inside.length) - 1])
  }
  return roots
}
