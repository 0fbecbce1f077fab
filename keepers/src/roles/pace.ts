import type { Job } from '@lockstep/repops'
import type { Clocks } from '../chain/clocks.ts'
import type { Trace } from '../trace/trace.ts'

// Measured in a quiet moment; later the machine also looks at the chain, answers and writes.
const MARGIN = 1.5
// What measuring may take of the time in which disputes are answered.
const CAP_SECONDS = 2
const LEAST_CAP_SECONDS = 0.2

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

/** Measures each computation once on each backend, in a few seconds at most. */
export class Stopwatch {
  readonly #measured = new Map<string, number>()

  /** `leftSeconds`: until the answer is of no use; only a part of it is spent on measuring. */
  async pace(trace: Trace, leftSeconds = Infinity): Promise<Pace> {
    const id = `${trace.backendName} ${trace.work.id}`
    const capSeconds = Math.max(LEAST_CAP_SECONDS, Math.min(CAP_SECONDS, leftSeconds / 10))
    const stepSeconds = this.#measured.get(id) ?? (await trace.measureStepSeconds(capSeconds))
    // What was measured in a hurry is measured again when there is time.
    if (capSeconds === CAP_SECONDS) this.#measured.set(id, stepSeconds)
    return paceOf(MARGIN * stepSeconds, trace.job, trace.stepsDone)
  }
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
