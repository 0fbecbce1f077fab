import type { Job } from '@lockstep/repops'
import type { Clocks } from '../chain/clocks.ts'
import type { JobTimes } from '../estimate/estimateTimes.ts'
import { Recent } from '../files/recent.ts'
import type { Prospect } from '../trace/prospect.ts'

// Timed beside no replay, but maybe beside a run; later the machine also looks at the chain, answers and writes.
const MARGIN = 1.5
// What timing may take of the time in which disputes are answered.
const CAP_SECONDS = 2
const LEAST_CAP_SECONDS = 0.2
// After so many estimates that were not settled in their time, the last one is what is known.
const MOST_ESTIMATES = 4
// Strangers decide how many computations there are.
export const MOST_KNOWN = 1024
/** Of what an estimate comes to, the part that it may be without whatever else a busy machine does. */
const UNDISTURBED = 1 / 16

/** How long a job takes on this machine. All of it with something to spare. */
export interface Pace {
  /** What is left of the run. */
  readonly runSeconds: number
  /** The most that an answer or a choice waits for. */
  readonly replaySeconds: number
  /** Whether all that matters was timed; what was not is taken to be as slow as the slowest of its kind. */
  readonly isSettled: boolean
}

/**
 * Of a job that takes `times`. A replay is at most one checkpoint interval and then the graph root of a step; where the
 * state before that step is known, its graph root and then, node by node again, an output of it.
 */
export function paceOf(
  { setUpSeconds, stepSeconds, graphSeconds, isSettled }: JobTimes,
  { steps, interval }: Pick<Job, 'steps' | 'interval'>,
  stepsDone = 0,
): Pace {
  const intervalSeconds = stepSeconds * Math.min(steps, interval)
  return {
    runSeconds: MARGIN * (setUpSeconds + stepSeconds * (steps - stepsDone)),
    replaySeconds:
      MARGIN * (2 * setUpSeconds + Math.max(intervalSeconds, graphSeconds) + graphSeconds),
    isSettled,
  }
}

/** What a job may take once nothing computes beside it: nobody knows before all of it was timed. */
export const undisturbed = ({ runSeconds, replaySeconds, isSettled }: Pace): Pace => ({
  runSeconds: isSettled ? UNDISTURBED * runSeconds : 0,
  replaySeconds: isSettled ? UNDISTURBED * replaySeconds : 0,
  isSettled,
})

interface Known {
  readonly times: JobTimes
  /** Estimates so far that had all the time that one may take. */
  readonly estimates: number
  /** Whether it is from kernels that were all timed anew. */
  readonly isAnew: boolean
}

/** Estimates each computation once on each backend, in a few seconds at most; those asked for last are kept. */
export class Stopwatch {
  readonly #known = new Recent<string, Known>(MOST_KNOWN)

  /** `leftSeconds`: until the answer is of no use; only a part of it is spent on timing. */
  async pace(prospect: Prospect, leftSeconds = Infinity): Promise<Pace> {
    const id = idOf(prospect)
    const known = this.#known.get(id)
    const isLast = known?.times.isSettled === true || (known?.estimates ?? 0) >= MOST_ESTIMATES
    const times =
      known !== undefined && isLast
        ? known.times
        : await this.#estimate(prospect, leftSeconds / 10, known?.estimates ?? 0)
    return paceOf(times, prospect.job, prospect.stepsDone)
  }

  /** The same from as many estimates as it takes until all that matters was timed, within reason. */
  async settledPace(prospect: Prospect): Promise<Pace> {
    let pace = await this.pace(prospect)
    for (let estimates = 1; !pace.isSettled && estimates < MOST_ESTIMATES; estimates++)
      pace = await this.pace(prospect)
    return pace
  }

  /**
   * From kernels that are all timed anew: what computed beside those that are remembered may have made them slow. Before
   * a refusal, so it goes on until all that matters was timed: on a busy machine one estimate may time hardly anything,
   * and what was not timed is taken to be slow.
   */
  async again(prospect: Prospect): Promise<Pace> {
    const id = idOf(prospect)
    const known = this.#known.get(id)
    // What the last time had no time for is timed now.
    const goesOn = known?.isAnew === true && !known.times.isSettled
    let times = await prospect.estimateTimes(CAP_SECONDS, !goesOn)
    for (let estimates = 1; !times.isSettled && estimates < MOST_ESTIMATES; estimates++)
      times = await prospect.estimateTimes(CAP_SECONDS)
    this.#known.set(id, { times, estimates: MOST_ESTIMATES, isAnew: true })
    return paceOf(times, prospect.job, prospect.stepsDone)
  }

  /** What was estimated in a hurry is estimated again: each time knows what those before it have timed. */
  async #estimate(prospect: Prospect, spareSeconds: number, before: number): Promise<JobTimes> {
    const capSeconds = Math.max(LEAST_CAP_SECONDS, Math.min(CAP_SECONDS, spareSeconds))
    const id = idOf(prospect)
    const times = await prospect.estimateTimes(capSeconds)
    const estimates = before + (capSeconds === CAP_SECONDS ? 1 : 0)
    this.#known.set(id, { times, estimates, isAnew: false })
    return times
  }
}

const idOf = ({ backendName, work }: Prospect): string => `${backendName} ${work.id}`

/** What stands against a job, with the figures; undefined if it can be run and answered for in time. */
export function tooSlow(
  { runSeconds, replaySeconds }: Omit<Pace, 'isSettled'>,
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
