import type { Hash } from '@lockstep/repops'
import type { Trace } from '../trace/trace.ts'
import { scoreOf } from './evaluation.ts'
import type { Receipt } from './receipt.ts'
import { stateRoots } from './state-roots.ts'

/** Where a run first has another result than a receipt. */
export interface Difference {
  /** The steps among which the first wrong one is, counted from 0; absent where no step can be named. */
  readonly steps?: { readonly first: number; readonly last: number }
  /** The interval between two checkpoints in which the first of them lies, counted from 0. */
  readonly interval?: number
  /** What differs, as the receipt says and as it was computed. */
  readonly claimed: Hash | number
  readonly computed: Hash | number | undefined
  /** States of the result that differ, by name. */
  readonly outputs: readonly string[]
}

/** Compares a receipt with a complete run: docs/spec/receipts.md, section 5. Undefined where they agree. */
export async function firstDifference(
  receipt: Receipt,
  trace: Trace,
): Promise<Difference | undefined> {
  const { every, roots } = receipt.trace
  const { steps, interval } = receipt.computation
  const own = await stateRoots(trace, every)
  const index = own.findIndex((root, i) => root !== roots[i])
  if (index >= 0) {
    const first = (index - 1) * every
    return {
      steps: { first, last: Math.min(index * every, steps) - 1 },
      interval: Math.floor(first / interval),
      claimed: roots[index],
      computed: own[index],
      outputs: await wrongOutputs(receipt, trace),
    }
  }
  const { root } = trace.checkpoints
  if (root !== receipt.checkpointRoot)
    return { claimed: receipt.checkpointRoot, computed: root, outputs: [] }
  if (receipt.evaluation === undefined) return undefined
  const { scoreState, score } = receipt.evaluation
  const computed = await scoreOf(trace, scoreState)
  if (computed === score) return undefined
  const { name } = trace.job.program.states[scoreState]
  return { claimed: score, computed, outputs: [name] }
}

async function wrongOutputs({ outputs }: Receipt, trace: Trace): Promise<string[]> {
  const own = await trace.finalTensors()
  const { states } = trace.job.program
  return outputs === undefined
    ? []
    : states.filter((_, i) => outputs[i] !== own[i]).map(({ name }) => name)
}

/** A difference in one line. */
export function describeDifference(difference: Difference, { trace }: Receipt): string {
  const { steps, interval, claimed, computed, outputs } = difference
  const wrong = outputs.length === 0 ? '' : `; wrong in the end: ${outputs.join(', ')}`
  if (steps === undefined)
    return typeof claimed === 'number'
      ? `the score ${outputs.join()} is ${computed ?? 'none'}, not ${claimed}`
      : `between two roots that are ${trace.every} steps apart: its checkpoint root is ${claimed}, the run's ${computed ?? 'none'}`
  const where =
    steps.first === steps.last ? `step ${steps.first}` : `steps ${steps.first} to ${steps.last}`
  return `first at ${where} (interval ${interval ?? 0}): the state after ${steps.last} is ${claimed}, the run's ${computed ?? 'none'}${wrong}`
}
