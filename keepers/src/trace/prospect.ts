import { checkJobMemory, type RunOptions, TooLargeError } from '@lockstep/repops'
import { fail } from '../errors.ts'
import { estimateTimes, type JobTimes } from '../estimate/estimateTimes.ts'
import type { Engine } from './engine.ts'
import { Progress } from './progress.ts'
import type { Outline } from './work.ts'
import { Workbench } from './workbench.ts'

/** How a computation is run: `RunOptions`, with whatever computes at the time. */
export interface TraceOptions extends Omit<RunOptions, 'backend'> {
  readonly engine: Engine
  /** Another estimate, for tests. */
  readonly estimate?: typeof estimateTimes
}

/**
 * A computation before it is run, as its program alone shows it: whether this machine has the memory, how long it
 * takes, and how much of it was done before. None of its tensors has to be there.
 */
export class Prospect<W extends Outline = Outline> {
  readonly work: W
  protected readonly bench: Workbench
  protected readonly progress: Progress
  readonly #options: TraceOptions

  /** `folder`: where the run is kept. It belongs to one computation and one way of running it. */
  constructor(work: W, options: TraceOptions, folder: string, bench = new Workbench()) {
    this.work = work
    this.#options = options
    this.bench = bench
    this.progress = new Progress(work.job, folder)
  }

  /** Whether this is the run of a cheat. */
  get isBent(): boolean {
    return this.#options.corruption !== undefined
  }

  get job(): W['job'] {
    return this.work.job
  }

  /** Name of the backend that computes now. */
  get backendName(): string {
    return this.#options.engine.name
  }

  /** Steps that are done and saved. */
  get stepsDone(): number {
    return this.progress.stepsDone
  }

  /**
   * How long the parts of this job take on this machine, from about `capSeconds` of timing; for deciding about a job,
   * never for its result. No replay computes meanwhile, but a run may. `anew`: with nothing that was timed before.
   */
  estimateTimes(capSeconds: number, anew = false): Promise<JobTimes> {
    const { estimate = estimateTimes } = this.#options
    return this.replaying(({ backend, plan }) =>
      estimate(this.job.program, backend, capSeconds, plan, anew),
    )
  }

  /** Throws a `tooLarge` where a step takes more memory than there is for it. Nothing is taken. */
  async checkMemory(): Promise<void> {
    try {
      await this.computing((options) => checkJobMemory(this.job.program, options))
    } catch (cause) {
      if (!(cause instanceof TooLargeError)) throw cause
      throw fail.tooLarge(
        {
          what: cause.message,
          where: `computation ${this.work.id}`,
          advice: 'raise --max-job-mib if this machine has the memory',
        },
        { cause },
      )
    }
  }

  /** Does a task with what computes now; from its beginning again where a device is lost under it. */
  protected computing<T>(task: (options: RunOptions) => Promise<T>): Promise<T> {
    const { engine, ...options } = this.#options
    return engine.run((backend) => task({ ...options, backend }))
  }

  /** The same when the replays before it are done. */
  protected readonly replaying = <T>(task: (options: RunOptions) => Promise<T>): Promise<T> =>
    this.bench.replay(() => this.computing(task))
}
