import {
  type Backend,
  type Corruption,
  type Hash,
  LOSS_HISTORY,
  programRoot,
  type Tensor,
} from '@lockstep/repops'
import { join } from 'node:path'
import { readComputation } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import { holdLock } from '../files/lock.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createProgress } from '../progress.ts'
import { jobStore } from '../store/job-store.ts'
import type { Mirror } from '../store/mirror.ts'
import { type StopAt, Trace } from './trace.ts'
import { Workbench } from './workbench.ts'
import { type Computation, fetchWork } from './work.ts'

const FETCH_SECONDS = 60

/** The runs of one keeper: one trace per computation, kept under `<home>/work/<computation>`. */
export class Workshop {
  readonly folder: string
  readonly mirror: Mirror
  readonly #contracts: Contracts
  readonly #backend: Backend
  readonly #maxJobBytes: number
  readonly #corruption: Corruption | undefined
  readonly #traceClass: typeof Trace
  readonly #log: Log
  readonly #metrics: Metrics
  readonly #traces = new Map<Hash, Promise<Trace>>()
  readonly #running = new Map<Hash, Promise<Trace>>()
  readonly #completed = new Map<Hash, Trace>()
  readonly #bench = new Workbench()

  constructor(options: {
    folder: string
    contracts: Contracts
    mirror: Mirror
    backend: Backend
    /** What one job may take: `jobBytes`. */
    maxJobBytes?: number
    corruption?: Corruption | undefined
    /** Another kind of trace, for tests. */
    traceClass?: typeof Trace
    log: Log
    metrics: Metrics
  }) {
    this.folder = options.folder
    this.mirror = options.mirror
    this.#contracts = options.contracts
    this.#backend = options.backend
    this.#maxJobBytes = options.maxJobBytes ?? Infinity
    this.#corruption = options.corruption
    this.#traceClass = options.traceClass ?? Trace
    this.#log = options.log
    this.#metrics = options.metrics
  }

  /** Where a computation's files are. The run of a cheat is another run: it has files of its own. */
  folderOf(computation: Hash): string {
    const c = this.#corruption
    const name =
      c === undefined ? computation : `${computation}-${c.step}-${c.node}-${c.element}-${c.bit}`
    return join(this.folder, name)
  }

  /**
   * Where a job's artifacts come from: this keeper's places, and the one that the job names. All of them together
   * have a minute, since strangers decide how slowly they come; what has come by then is kept.
   */
  mirrorFor(uri: string | undefined): Mirror {
    const store = jobStore(uri, this.#contracts.chain.id)
    return this.mirror.with(store === undefined ? [] : [store]).within(FETCH_SECONDS)
  }

  /** The trace of a computation, its artifacts fetched and checked; not necessarily run yet. */
  open(id: Hash, uri?: string): Promise<Trace> {
    const known = this.#traces.get(id)
    if (known !== undefined) return known
    const opened = this.#open(id, uri)
    this.#traces.set(id, opened)
    opened.catch(() => this.#traces.delete(id))
    return opened
  }

  /** A trace whose run `complete` has seen complete in this process. */
  completed(id: Hash): Trace | undefined {
    return this.#completed.get(id)
  }

  /**
   * The trace after a complete run; goes on where an earlier process was stopped. `stop`, asked after every
   * step and every checkpoint, ends the run early: the trace is then not complete.
   */
  complete(
    id: Hash,
    uri?: string,
    stop?: (trace: Trace, at: StopAt) => Promise<boolean>,
  ): Promise<Trace> {
    const known = this.#running.get(id)
    if (known !== undefined) return known
    const running = this.#complete(id, uri, stop).then((trace) => {
      if (trace.isComplete) this.#completed.set(id, trace)
      else this.#running.delete(id)
      return trace
    })
    this.#running.set(id, running)
    running.catch(() => this.#running.delete(id))
    return running
  }

  async #open(id: Hash, uri?: string): Promise<Trace> {
    const computation = await readComputation(this.#contracts, id)
    const mirror = this.mirrorFor(uri)
    const root = programRootOf(computation)
    const work = await fetchWork(mirror, id, root, computation, this.#maxJobBytes)
    const options = { backend: this.#backend, corruption: this.#corruption }
    return new this.#traceClass(work, this.mirror, options, this.folderOf(id), this.#bench)
  }

  async #complete(
    id: Hash,
    uri?: string,
    stop?: (trace: Trace, at: StopAt) => Promise<boolean>,
  ): Promise<Trace> {
    const trace = await this.open(id, uri)
    if (trace.stepsDone === trace.job.steps) return trace
    const release = holdLock(join(this.folderOf(id), 'lock'), 'this run')
    const { steps } = trace.job
    const progress = createProgress(`running ${id.slice(0, 10)}`, steps, trace.stepsDone)
    const started = Date.now()
    this.#log.info({ computation: id, steps, from: trace.stepsDone }, 'running the program')
    try {
      const lossIndex = trace.job.program.states.findIndex(({ name }) => name === LOSS_HISTORY)
      const onStep = (done: number, state: readonly Tensor[]): void => {
        this.#metrics.steps.inc()
        const loss = lossOf(state[lossIndex], done)
        progress.update(done, loss === undefined ? '' : `loss ${loss.toFixed(4)}`)
        if (done === 1 || done % trace.job.interval === 0 || done === steps) {
          this.#log.info(
            { computation: id, step: done, ...(loss === undefined ? {} : { loss }) },
            'progress',
          )
        }
      }
      await trace.run(onStep, stop && ((at) => stop(trace, at)))
    } finally {
      progress.stop()
      release()
    }
    const seconds = (Date.now() - started) / 1000
    if (trace.isComplete) {
      const checkpointRoot = trace.checkpoints.root
      this.#log.info({ computation: id, checkpointRoot, seconds }, 'the run is complete')
    } else {
      this.#log.info(
        { computation: id, steps: trace.stepsDone, seconds },
        'the run was ended early',
      )
    }
    return trace
  }
}

/** Program root of a registered computation. */
export function programRootOf(computation: Computation): Hash {
  return programRoot(computation, [
    computation.nodesRoot,
    computation.statesRoot,
    computation.constantEntriesRoot,
  ])
}

/** The loss of the step that was run last, where the program records one for each step. */
function lossOf(history: Tensor | undefined, stepsDone: number): number | undefined {
  return history?.type === 'f32' && stepsDone <= history.count
    ? history.floats[stepsDone - 1]
    : undefined
}
