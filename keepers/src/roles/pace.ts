import type { Hash, Job } from '@lockstep/repops'
import type { Clocks } from '../chain/clocks.ts'
import type { Trace } from '../trace/trace.ts'

// Measured in a quiet moment; later the machine also looks at the chain, answers and writes.
const MARGIN = 1.5
const ENOUGH = 4

/** How long a job takes on this machine. All of it with something to spare. */
export interface Pace {
  readonly stepSeconds: number
  /** What is left of the run. */
  readonly runSeconds: number
  /** One checkpoint interval and one step more: the most that an answer or a choice waits for. */
  readonly replaySeconds: number
}

export function paceOf(
  stepSeconds: number,
  { steps, interval }: Pick<Job, 'steps' | 'interval'>,
  stepsDone = 0,
): Pace {
  return {
    stepSeconds,
    runSeconds: stepSeconds * (steps - stepsDone),
    replaySeconds: stepSeconds * (Math.min(steps, interval) + 1),
  }
}

/** Measures each computation once, unless it was not measured to its end. */
export class Stopwatch {
  readonly #measured = new Map<Hash, { readonly seconds: number; readonly limitSeconds: number }>()

  /** `fits`: seconds of the longest step that would do. One that takes much longer is not measured to its end. */
  pace(trace: Trace, fits = Infinity): Pace {
    const { id } = trace.work
    const limitSeconds = (ENOUGH * fits) / MARGIN
    let measured = this.#measured.get(id)
    if (
      measured === undefined ||
      measured.limitSeconds < Math.min(measured.seconds, limitSeconds)
    ) {
      measured = { seconds: trace.measureStepSeconds(limitSeconds), limitSeconds }
      this.#measured.set(id, measured)
    }
    return paceOf(MARGIN * measured.seconds, trace.job, trace.stepsDone)
  }
}

/** The longest step with which a job can be run in `workSeconds` and answered for. */
export function longestStepSeconds(
  { steps, interval }: Pick<Job, 'steps' | 'interval'>,
  workSeconds: number,
  { solverSeconds, disputes }: Clocks,
): number {
  const { runSeconds, replaySeconds } = paceOf(1, { steps, interval })
  return Math.min(workSeconds / runSeconds, solverSeconds / (disputes * replaySeconds))
}

/** What stands against a job, with the figures; undefined if it can be run and answered for in time. */
export function tooSlow(
  { runSeconds, replaySeconds }: Pace,
  others: readonly { readonly runSeconds: number; readonly timeLeftSeconds: number }[],
  workSeconds: number,
  { solverSeconds, disputes }: Clocks,
): string | undefined {
  // Whoever disputes a right claim can do it in many places at once, and every clock runs.
  if (disputes * replaySeconds > solverSeconds) {
    return `a replay takes about ${round(replaySeconds)} s, and ${disputes} at once have ${solverSeconds} s`
  }
  // Runs side by side share the machine: all of them are over when their sum is.
  const sumSeconds = others.reduce((sum, other) => sum + other.runSeconds, runSeconds)
  const leftSeconds = Math.min(workSeconds, ...others.map((other) => other.timeLeftSeconds))
  if (sumSeconds > leftSeconds) {
    const beside = others.length === 0 ? '' : ` beside ${others.length} other(s)`
    return `the run${beside} takes about ${round(sumSeconds)} s of ${leftSeconds}`
  }
  return undefined
}

const round = (seconds: number) => (seconds < 10 ? seconds.toFixed(1) : Math.ceil(seconds))
