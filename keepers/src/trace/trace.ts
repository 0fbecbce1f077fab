import {
  checkJobMemory,
  checkpointCount,
  type CurrentState,
  type Hash,
  type Job,
  LEAF_BYTES,
  MerkleTree,
  packHashes,
  replayInterval,
  runJob,
  type RunOptions,
  stateBefore,
  stepOfCheckpoint,
  StepReplay,
  type Tensor,
  tensorsTree,
  tensorTree,
  TooLargeError,
  unpackHashes,
  ZERO_HASH,
} from '@lockstep/repops'
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail } from '../errors.ts'
import { estimateTimes, type JobTimes } from '../estimate/estimateTimes.ts'
import { appendDurable, writeAtomic } from '../files/atomic.ts'
import { Recent } from '../files/recent.ts'
import type { Mirror } from '../store/mirror.ts'
import { fetchTensor, storeTensor } from '../store/tensors.ts'
import type { Engine } from './engine.ts'
import { fetchTensors, type Work } from './work.ts'
import { type NodeAt, type Place, ROW_LEVELS } from './place.ts'
import { StepRoots } from './step-roots.ts'
import { Workbench } from './workbench.ts'

const KEPT_TREES = 64
// A replayed step holds the outputs that were last asked for; two serve the dispute at hand and one more.
const KEPT_STEPS = 2

/** How a computation is run: `RunOptions`, with whatever computes at the time. */
export interface TraceOptions extends Omit<RunOptions, 'backend'> {
  readonly engine: Engine
}

/**
 * One run of a computation: its checkpoints, and every tree below them. Checkpoint states go to the artifact store
 * and their roots to a file, one line each, as soon as they exist: a killed process goes on at the last one. The
 * roots of all steps are kept too; what lies below a step is recomputed when asked for, from the nearest state
 * that is there.
 */
export class Trace {
  readonly work: Work
  readonly #mirror: Mirror
  readonly #options: TraceOptions
  readonly #bench: Workbench
  readonly #path: string
  readonly #pausedPath: string
  readonly #roots: Hash[]
  readonly #stepRoots: StepRoots
  readonly #trees = new Recent<string, MerkleTree>(KEPT_TREES)
  readonly #steps = new Recent<number, StepReplay>(KEPT_STEPS)
  #checkpoints: MerkleTree | undefined
  /** Where the run was stopped inside an interval; of no use once it has passed it. */
  #pausedStep: number

  /** `folder`: where the roots are kept. It belongs to one computation and one way of running it. */
  constructor(
    work: Work,
    mirror: Mirror,
    options: TraceOptions,
    folder: string,
    bench = new Workbench(),
  ) {
    this.work = work
    this.#mirror = mirror
    this.#options = options
    this.#bench = bench
    this.#path = join(folder, 'checkpoints')
    this.#stepRoots = new StepRoots(join(folder, 'steps'), this.job.interval)
    this.#roots = existsSync(this.#path) ? readRoots(this.#path, checkpointCount(this.job)) : []
    this.#pausedPath = join(folder, 'paused')
    this.#pausedStep = existsSync(this.#pausedPath) ? readPaused(this.#pausedPath) : 0
  }

  /** Whether this is the run of a cheat. */
  get isBent(): boolean {
    return this.#options.corruption !== undefined
  }

  get job(): Job {
    return this.work.job
  }

  /** Name of the backend that computes now. */
  get backendName(): string {
    return this.#options.engine.name
  }

  /** Steps that are done and saved. */
  get stepsDone(): number {
    return Math.max(this.#checkpointStep, this.#pausedStep)
  }

  get #checkpointStep(): number {
    return this.#roots.length === 0 ? 0 : stepOfCheckpoint(this.job, this.#roots.length - 1)
  }

  get isComplete(): boolean {
    return this.#roots.length === checkpointCount(this.job)
  }

  /** Checkpoints that are done and saved. */
  get checkpointsDone(): number {
    return this.#roots.length
  }

  /**
   * Runs to the end from where it was saved last. `onStep` sees every state as it is reached, and is waited for; `stop` is asked after
   * every step, and after every checkpoint, and ends the run early by true. What was done by then is saved.
   */
  async run(
    onStep: (current: CurrentState) => unknown = () => undefined,
    stop: (at: StopAt) => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<void> {
    if (this.#roots.length === 0) this.#save(this.job.initialState)
    await this.#computing((options) => this.#runOn(options, onStep, stop))
  }

  async #runOn(
    options: RunOptions,
    onStep: (current: CurrentState) => unknown,
    stop: (at: StopAt) => Promise<boolean>,
  ): Promise<void> {
    if (this.isComplete) return
    const index = this.#roots.length - 1
    const from = await this.#saved(index)
    let roots = [...from.roots]
    const afterStep = async (current: CurrentState): Promise<void> => {
      const isInside = current.step < stepOfCheckpoint(this.job, this.#roots.length)
      // The root of a checkpoint comes with it.
      if (isInside) roots.push(await current.stateRoot())
      await onStep(current)
      await this.#bench.rest()
      if (!isInside || !(await stop('step'))) return
      this.#pause(current.step, await current.state(), roots)
      throw new Stopped()
    }
    try {
      for await (const checkpoint of runJob(this.job, { ...options, from, onStep: afterStep })) {
        if (checkpoint.index <= index) continue
        this.#stepRoots.keep(checkpoint.index - 1, [...roots, checkpoint.root])
        roots = []
        this.#save(checkpoint.state)
        if (this.#roots.length < checkpointCount(this.job) && (await stop('checkpoint'))) return
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    }
  }

  /** Does a task with what computes now; from its beginning again where a device is lost under it. */
  #computing<T>(task: (options: RunOptions) => Promise<T>): Promise<T> {
    const { engine, ...options } = this.#options
    return engine.run((backend) => task({ ...options, backend }))
  }

  /** The same when the replays before it are done. */
  readonly #replaying = <T>(task: (options: RunOptions) => Promise<T>): Promise<T> =>
    this.#bench.replay(() => this.#computing(task))

  /** Saves a state inside an interval, with the state roots of the interval so far, the last of which is its own. */
  #pause(step: number, state: readonly Tensor[], roots: readonly Hash[]): void {
    this.#store(state)
    this.#stepRoots.keep(this.#roots.length - 1, roots)
    writeAtomic(this.#pausedPath, `${step}\n`)
    this.#pausedStep = step
  }

  /** Where to go on behind a checkpoint: where the run was paused, if all of that is still there, or the checkpoint. */
  async #saved(
    index: number,
  ): Promise<{ index: number; step: number; state: readonly Tensor[]; roots: readonly Hash[] }> {
    const first = stepOfCheckpoint(this.job, index)
    const done = this.#pausedStep - first
    if (done > 0 && this.#pausedStep < stepOfCheckpoint(this.job, index + 1)) {
      const tree = this.#stepRoots.tree(index, done)
      const root = tree?.leaf(done - 1)
      if (tree !== undefined && root !== undefined && this.#has(root)) {
        const roots = Array.from({ length: done }, (_, i) => tree.leaf(i))
        return { index, step: this.#pausedStep, state: await this.#state(root), roots }
      }
    }
    this.#pausedStep = 0
    return { index, step: first, state: await this.#checkpoint(index), roots: [] }
  }

  get checkpoints(): MerkleTree {
    if (!this.isComplete) throw new Error('the run is not complete')
    // Strangers ask for rows of it: hashed once, however many do.
    return (this.#checkpoints ??= new MerkleTree(this.#roots))
  }

  /** The state root after every step of an interval, kept while running or computed again. */
  async stepRoots(interval: number): Promise<readonly Hash[]> {
    const tree = await this.tree({ tree: 'steps', interval })
    return Array.from({ length: tree.count }, (_, i) => tree.leaf(i))
  }

  /** Roots of the tensors of the final state, in order. */
  async finalTensors(): Promise<Hash[]> {
    const root = this.checkpoints.leaf(this.#roots.length - 1)
    return unpackHashes(await this.#mirror.fetchList(root, this.job.program.states.length))
  }

  /** A tensor of the final state. */
  async finalTensor(state: number): Promise<Tensor> {
    const { name, type, count } = this.job.program.states[state]
    const roots = await this.finalTensors()
    return fetchTensor(this.#mirror, roots[state], type, count, `state ${state} (${name})`)
  }

  /** The tree of checkpoints with the zero word for those that are still to come. */
  get checkpointsSoFar(): MerkleTree {
    const missing = checkpointCount(this.job) - this.#roots.length
    return new MerkleTree([...this.#roots, ...new Array<Hash>(missing).fill(ZERO_HASH)])
  }

  /** The tree at `place`; throws a RangeError where the computation has no such place. */
  async tree(place: Place): Promise<MerkleTree> {
    this.#check(place)
    if (place.tree === 'checkpoints') return this.checkpoints
    const key = JSON.stringify(place)
    return this.#trees.get(key) ?? this.#trees.set(key, await this.#build(place))
  }

  /**
   * How long the parts of this job take on this machine, from about `capSeconds` of timing; for deciding about a job,
   * never for its result. No replay computes meanwhile, but a run may. `anew`: with nothing that was timed before.
   */
  estimateTimes(capSeconds: number, anew = false): Promise<JobTimes> {
    return this.#replaying(({ backend, plan }) =>
      estimateTimes(this.job.program, backend, capSeconds, plan, anew),
    )
  }

  /** Throws a `tooLarge` where a step takes more memory than there is for it. Nothing is taken. */
  async checkMemory(): Promise<void> {
    try {
      await this.#computing((options) => checkJobMemory(this.job, options))
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

  /** A step with all of its nodes' outputs. */
  step(step: number): Promise<StepReplay> {
    this.#check({ tree: 'graph', step })
    return this.#replaying(async (options) => {
      const known = this.#steps.get(step)
      if (known !== undefined) return known
      const from = await this.#nearest(step)
      const before = await stateBefore(this.job, options, step, from)
      // The dispute that asks has moves left, and after a restart their clocks are short.
      if (from.step !== step) this.#store(before)
      const replay = await StepReplay.create(this.job, options, step, before, this.#replaying)
      return this.#steps.set(step, replay)
    })
  }

  /** What a node puts out in a step. */
  async output(step: number, node: number): Promise<Tensor> {
    return (await this.step(step)).output(node)
  }

  /** A row of a tree, as a reveal shows it. */
  async row(place: Place, { height, index }: NodeAt): Promise<readonly Hash[]> {
    return (await this.tree(place)).reveal(height, index, ROW_LEVELS)
  }

  /** The real bytes of a leaf of a node's output. */
  async leaf(step: number, node: number, index: number): Promise<Uint8Array> {
    this.#check({ tree: 'tensor', step, node })
    const { bytes } = await this.output(step, node)
    if (index * LEAF_BYTES >= bytes.length) throw new RangeError(`the output has no leaf ${index}`)
    return bytes.slice(index * LEAF_BYTES, (index + 1) * LEAF_BYTES)
  }

  async #build(place: Exclude<Place, { tree: 'checkpoints' }>): Promise<MerkleTree> {
    switch (place.tree) {
      case 'steps':
        return this.#keptSteps(place.interval) ?? this.#replaySteps(place.interval)
      case 'graph':
        return (await this.step(place.step)).graph
      case 'state':
        return tensorsTree((await this.step(place.step)).after)
      case 'tensor':
        return tensorTree(await this.output(place.step, place.node))
    }
  }

  /** The roots kept while running, if they lead to the checkpoint. */
  #keptSteps(interval: number): MerkleTree | undefined {
    const [first, end] = [interval, interval + 1].map((index) => stepOfCheckpoint(this.job, index))
    const tree = this.#stepRoots.tree(interval, end - first)
    return tree?.leaf(tree.count - 1) === this.#roots[interval + 1] ? tree : undefined
  }

  #replaySteps(interval: number): Promise<MerkleTree> {
    return this.#replaying(async (options) => {
      const state = await this.#checkpoint(interval)
      const roots = await replayInterval(this.job, options, interval, state)
      this.#stepRoots.keep(interval, roots)
      return new MerkleTree(roots)
    })
  }

  /** The latest state at or before the beginning of a step that is in the store: at worst a checkpoint. */
  async #nearest(step: number): Promise<{ step: number; state: readonly Tensor[] }> {
    const { interval } = this.job
    const index = Math.floor(step / interval)
    const roots = this.#keptSteps(index)
    for (let at = step; roots !== undefined && at > index * interval; at--) {
      const root = roots.leaf(at - 1 - index * interval)
      if (this.#has(root)) return { step: at, state: await this.#state(root) }
    }
    return { step: index * interval, state: await this.#checkpoint(index) }
  }

  async #checkpoint(index: number): Promise<readonly Tensor[]> {
    if (index === 0) return this.job.initialState
    return this.#state(this.#roots[index])
  }

  #has(root: Hash): boolean {
    return this.#mirror.folder.has({ kind: 'lists', root })
  }

  #state(root: Hash): Promise<readonly Tensor[]> {
    return fetchTensors(this.#mirror, root, this.job.program.states, 'state')
  }

  #store(state: readonly Tensor[]): Hash {
    const { folder } = this.#mirror
    const roots = state.map((tensor) => storeTensor(tensor, folder))
    const { root } = new MerkleTree(roots)
    folder.putTrusted({ kind: 'lists', root }, packHashes(roots))
    return root
  }

  #save(state: readonly Tensor[]): void {
    const root = this.#store(state)
    mkdirSync(dirname(this.#path), { recursive: true })
    const file = openSync(this.#path, 'a')
    try {
      // Cuts off what a kill left of an earlier line.
      ftruncateSync(file, this.#roots.length * LINE_BYTES)
      appendDurable(file, `${root}\n`, this.#path)
    } finally {
      closeSync(file)
    }
    this.#roots.push(root)
  }

  #check(place: Place): void {
    const { steps, program } = this.job
    const inside =
      place.tree === 'checkpoints' ||
      (place.tree === 'steps'
        ? place.interval < checkpointCount(this.job) - 1
        : place.step < steps && (place.tree !== 'tensor' || place.node < program.nodes.length))
    if (!inside) throw new RangeError(`the computation has no place ${JSON.stringify(place)}`)
  }
}

/** Where a run is asked whether it should stop. */
export type StopAt = 'step' | 'checkpoint'

class Stopped extends Error {}

/** A step within the job, or 0: a damaged file costs an interval at most. */
function readPaused(path: string): number {
  const text = readFileSync(path, 'utf8')
  return /^[1-9]\d{0,9}\n$/.test(text) ? Number(text) : 0
}

/** 0x, 64 digits, newline. */
const LINE_BYTES = 67

function readRoots(path: string, most: number): Hash[] {
  const text = readFileSync(path, 'utf8')
  const roots = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
  if (roots.length > most || roots.some((root) => !/^0x[0-9a-f]{64}$/.test(root))) {
    throw fail.badArtifact({
      what: 'the list of checkpoints is damaged',
      where: path,
      advice: 'remove it; the run starts again',
    })
  }
  return roots as Hash[]
}
