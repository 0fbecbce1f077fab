import {
  type Corruption,
  type CurrentState,
  type Hash,
  LOSS_HISTORY,
  processMemoryBytes,
  programRoot,
  type Tensor,
} from '@lockstep/repops'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { readComputation } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import { fail } from '../errors.ts'
import { needingSpace } from '../files/atomic.ts'
import { holdLock } from '../files/lock.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { createProgress } from '../progress.ts'
import type { estimateTimes } from '../estimate/estimateTimes.ts'
import { type ArtifactFiles, FolderStore } from '../store/folder.ts'
import { jobStore } from '../store/job-store.ts'
import type { Mirror } from '../store/mirror.ts'
import type { Engine } from './engine.ts'
import { Planner } from './planner.ts'
import { Prospect, type TraceOptions } from './prospect.ts'
import { type StopAt, Trace } from './trace.ts'
import { Workbench } from './workbench.ts'
import { type Computation, fetchOutline, fetchWork } from './work.ts'

const FETCH_SECONDS = 60
// Folder of a run with a file for each keeper that uses it.
const USERS = 'users'
// What stands in such a file where the keeper only keeps a result for others.
const LEFT = 'left'

/**
 * The runs of one keeper: one trace per computation. All that is kept of it, artifacts included, is under
 * folder `work/<computation>` of the home, so that it can be removed without a thought to the others.
 */
export class Workshop {
  readonly folder: string
  readonly mirror: Mirror
  readonly #user: string
  readonly #contracts: Contracts
  readonly #engine: Engine
  readonly #maxJobBytes: number
  readonly #maxJobNodes: number
  readonly #planner = new Planner()
  readonly #corruption: Corruption | undefined
  readonly #saysProgress: boolean
  readonly #traceClass: typeof Trace
  readonly #estimate: typeof estimateTimes | undefined
  readonly #log: Log
  readonly #metrics: Metrics
  readonly #traces = new Map<Hash, Promise<Trace>>()
  readonly #running = new Map<Hash, Promise<Trace>>()
  readonly #completed = new Map<Hash, Trace>()
  readonly #bench = new Workbench()
  readonly #runs = new Set<Promise<void>>()
  #closed = false

  constructor(options: {
    folder: string
    contracts: Contracts
    mirror: Mirror
    engine: Engine
    /** What one job may take: `jobBytes` on disk, and while it runs in memory. */
    maxJobBytes?: number
    /** Nodes of the largest program that is fetched. */
    maxJobNodes?: number
    /** Name of the keeper among those that share the home. */
    user?: string
    corruption?: Corruption | undefined
    /** Whether a command waits for the runs, whose people want to see how far they are. */
    saysProgress?: boolean
    /** Another kind of trace, and another estimate, for tests. */
    traceClass?: typeof Trace
    estimate?: typeof estimateTimes
    log: Log
    metrics: Metrics
  }) {
    this.folder = options.folder
    this.mirror = options.mirror
    this.#user = options.user ?? 'keeper'
    this.#contracts = options.contracts
    this.#engine = options.engine
    this.#maxJobBytes = options.maxJobBytes ?? Infinity
    this.#maxJobNodes = options.maxJobNodes ?? Infinity
    this.#corruption = options.corruption
    this.#saysProgress = options.saysProgress ?? false
    this.#traceClass = options.traceClass ?? Trace
    this.#estimate = options.estimate
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
   * Where a computation's artifacts come from: this keeper's places, and the one that its job names. All that is fetched
   * from it has a minute together, since strangers decide how slowly it comes; what has come by then is kept.
   */
  mirrorFor(uri: string | undefined, id: Hash): Mirror {
    const store = jobStore(uri, this.#contracts.chain.id)
    this.#use(id)
    return this.#mirrorOf(id)
      .with(store === undefined ? [] : [store])
      .within(FETCH_SECONDS)
  }

  /** Every artifact of the home, those of all computations too. */
  readonly artifacts: ArtifactFiles = {
    open: async (address, limit) => {
      const runs = existsSync(this.folder) ? readdirSync(this.folder) : []
      const stores = runs.map((run) => new FolderStore(join(this.folder, run, 'store')))
      for (const store of [this.mirror.folder, ...stores]) {
        const opened = store.has(address) ? await store.open(address, limit) : undefined
        if (opened !== undefined) return opened
      }
      return undefined
    },
  }

  /** Drops a computation's trace from memory, once a run that is under way has ended. Returns whether it did. */
  async release(id: Hash): Promise<boolean> {
    const opened = this.#traces.get(id)
    const running = this.#running.get(id)
    await Promise.allSettled([opened, running])
    // In use again.
    if (this.#traces.get(id) !== opened && this.#traces.has(id)) return false
    if (this.#running.get(id) !== running && this.#running.has(id)) return false
    this.#traces.delete(id)
    this.#running.delete(id)
    this.#completed.delete(id)
    return true
  }

  /** Releases a computation and removes its files, unless another keeper of this home uses them. */
  async forget(id: Hash): Promise<void> {
    const folder = this.folderOf(id)
    if (!(await this.release(id)) || !existsSync(folder)) return
    const users = join(folder, USERS)
    rmSync(this.#noteOf(id), { force: true })
    if (existsSync(users) && readdirSync(users).length > 0) return
    rmSync(folder, { recursive: true, force: true })
    this.#log.info({ computation: id }, 'removed what was kept of a computation')
  }

  /** Releases a computation; its files stay for whoever may still fetch its result, until they are pruned. */
  async leave(id: Hash): Promise<void> {
    const note = this.#noteOf(id)
    if (!(await this.release(id)) || !existsSync(note)) return
    // Since when it is left is the time of the note.
    if (readFileSync(note, 'utf8') === LEFT) return
    needingSpace(note, () => {
      writeFileSync(note, LEFT)
    })
  }

  /** Forgets what was left more than so many seconds ago and was not used again. */
  async prune(keepSeconds: number): Promise<void> {
    const runs = existsSync(this.folder) ? readdirSync(this.folder) : []
    for (const id of runs.filter((run): run is Hash => /^0x[0-9a-f]+$/.test(run))) {
      const note = this.#noteOf(id)
      if (!existsSync(note) || readFileSync(note, 'utf8') !== LEFT) continue
      if (Date.now() - statSync(note).mtimeMs >= 1000 * keepSeconds) await this.forget(id)
    }
  }

  #mirrorOf(id: Hash): Mirror {
    return this.mirror.into(new FolderStore(join(this.folderOf(id), 'store')))
  }

  #noteOf(id: Hash): string {
    return join(this.folderOf(id), USERS, this.#user)
  }

  /** Leaves a note that this keeper uses the files of a computation. */
  #use(id: Hash): void {
    const note = this.#noteOf(id)
    needingSpace(note, () => {
      mkdirSync(join(this.folderOf(id), USERS), { recursive: true })
      writeFileSync(note, '')
    })
  }

  /** A computation of which only the program is fetched and checked, for an estimate; its trace where that is open. */
  async prospect(id: Hash, uri?: string): Promise<Prospect> {
    const known = this.#traces.get(id)
    if (known !== undefined) return known
    const outline = await fetchOutline(...(await this.#sourceOf(id, uri)))
    return new Prospect(outline, this.#options(), this.folderOf(id), this.#bench)
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
   * step and every checkpoint, ends the run early, as `close` does: the trace is then not complete.
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

  /** Resolves when no run is under way: each ends, saved, after the step that it is in. None begins any more. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#runs)
  }

  /** A registered computation; refused before anything of it is fetched where its program is too long. */
  async computation(id: Hash): Promise<Computation> {
    const computation = await readComputation(this.#contracts, id)
    if (computation.nodes > this.#maxJobNodes) {
      throw fail.tooLarge({
        what: `the program has ${computation.nodes} nodes, at most ${this.#maxJobNodes} are allowed`,
        where: `computation ${id}`,
        advice: 'raise --max-job-nodes if this machine may spend the time',
      })
    }
    return computation
  }

  async #open(id: Hash, uri?: string): Promise<Trace> {
    const work = await fetchWork(...(await this.#sourceOf(id, uri)))
    const mirror = this.#mirrorOf(id)
    return new this.#traceClass(work, mirror, this.#options(), this.folderOf(id), this.#bench)
  }

  /** Where a computation is fetched from, and what may be fetched of it. */
  async #sourceOf(id: Hash, uri?: string): Promise<Parameters<typeof fetchWork>> {
    const computation = await this.computation(id)
    const root = programRootOf(computation)
    return [this.mirrorFor(uri, id), id, root, computation, this.#maxJobBytes]
  }

  /** How this keeper runs a computation. */
  #options(): TraceOptions {
    return {
      engine: this.#engine,
      corruption: this.#corruption,
      memoryBytes: Math.min(this.#maxJobBytes, processMemoryBytes()),
      plan: this.#planner.plan,
      ...(this.#estimate === undefined ? {} : { estimate: this.#estimate }),
    }
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
    const progress = createProgress(`running ${id.slice(0, 10)}`, steps, {
      done: trace.stepsDone,
      ...(this.#saysProgress ? { log: this.#log } : {}),
    })
    const started = Date.now()
    this.#log.info({ computation: id, steps, from: trace.stepsDone }, 'running the program')
    try {
      const lossIndex = trace.job.program.states.findIndex(({ name }) => name === LOSS_HISTORY)
      const onStep = async (current: CurrentState): Promise<void> => {
        const done = current.step
        this.#metrics.steps.inc()
        const loss = lossIndex < 0 ? undefined : lossOf(await current.stateTensor(lossIndex), done)
        progress.update(done, loss === undefined ? '' : `loss ${loss.toFixed(4)}`)
        if (done === 1 || done % trace.job.interval === 0 || done === steps) {
          this.#log.info(
            { computation: id, step: done, ...(loss === undefined ? {} : { loss }) },
            'progress',
          )
        }
      }
      const isOver = async (at: StopAt): Promise<boolean> =>
        this.#closed || (await stop?.(trace, at)) === true
      const run = this.#closed ? Promise.resolve() : trace.run(onStep, isOver)
      this.#runs.add(run)
      await run.finally(() => this.#runs.delete(run))
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
function lossOf(history: Tensor, stepsDone: number): number | undefined {
  return history.type === 'f32' && stepsDone <= history.count
    ? history.floats[stepsDone - 1]
    : undefined
}
