import {
  checkpointCount,
  type CurrentState,
  type Hash,
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
  unpackHashes,
  ZERO_HASH,
} from '@lockstep/repops'
import { join } from 'node:path'
import { Recent } from '../files/recent.ts'
import type { Mirror } from '../store/mirror.ts'
import { fetchTensor, storeTensor } from '../store/tensors.ts'
import { type NodeAt, type Place, ROW_LEVELS } from './place.ts'
import { Prospect, type TraceOptions } from './prospect.ts'
import { StepRoots } from './step-roots.ts'
import { fetchTensors, type Work } from './work.ts'
import type { Workbench } from './workbench.ts'

const KEPT_TREES = 64
// A replayed step holds the outputs that were last asked for; two serve the dispute at hand and one more.
const KEPT_STEPS = 2

/**
 * One run of a computation: its checkpoints, and every tree below them. Checkpoint states go to the artifact store
 * and their roots to a file, one line each, as soon as they exist: a killed process goes on at the last one. The
 * roots of all steps are kept too; what lies below a step is recomputed when asked for, from the nearest state
 * that is there.
 */
export class Trace extends Prospect<Work> {
  readonly #mirror: Mirror
  readonly #stepRoots: StepRoots
  readonly #trees = new Recent<string, MerkleTree>(KEPT_TREES)
  readonly #steps = new Recent<number, StepReplay>(KEPT_STEPS)
  #checkpoints: MerkleTree | undefined

  constructor(
    work: Work,
    mirror: Mirror,
    options: TraceOptions,
    folder: string,
    bench?: Workbench,
  ) {
    super(work, options, folder, bench)
    this.#mirror = mirror
    this.#stepRoots = new StepRoots(join(folder, 'steps'), this.job.interval)
  }

  get #roots(): readonly Hash[] {
    return this.progress.roots
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
    await this.computing((options) => this.#runOn(options, onStep, stop))
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
      await this.bench.rest()
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

  /** Saves a state inside an interval, with the state roots of the interval so far, the last of which is its own. */
  #pause(step: number, state: readonly Tensor[], roots: readonly Hash[]): void {
    this.#store(state)
    this.#stepRoots.keep(this.#roots.length - 1, roots)
    this.progress.pause(step)
  }

  /** Where to go on behind a checkpoint: where the run was paused, if all of that is still there, or the checkpoint. */
  async #saved(
    index: number,
  ): Promise<{ index: number; step: number; state: readonly Tensor[]; roots: readonly Hash[] }> {
    const first = stepOfCheckpoint(this.job, index)
    const { pausedStep } = this.progress
    const done = pausedStep - first
    if (done > 0 && pausedStep < stepOfCheckpoint(this.job, index + 1)) {
      const tree = this.#stepRoots.tree(index, done)
      const root = tree?.leaf(done - 1)
      if (tree !== undefined && root !== undefined && this.#has(root)) {
        const roots = Array.from({ length: done }, (_, i) => tree.leaf(i))
        return { index, step: pausedStep, state: await this.#state(root), roots }
      }
    }
    this.progress.forgetPause()
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

  /** A step with all of its nodes' outputs. */
  step(step: number): Promise<StepReplay> {
    this.#check({ tree: 'graph', step })
    return this.replaying(async (options) => {
      const known = this.#steps.get(step)
      if (known !== undefined) return known
      const from = await this.#nearest(step)
      const before = await stateBefore(this.job, options, step, from)
      // The dispute that asks has moves left, and after a restart their clocks are short.
      if (from.step !== step) this.#store(before)
      const replay = await StepReplay.create(this.job, options, step, before, this.replaying)
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
    return this.replaying(async (options) => {
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
    this.progress.add(this.#store(state))
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
