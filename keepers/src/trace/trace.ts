import {
  type Hash,
  LEAF_BYTES,
  MerkleTree,
  packHashes,
  type Tensor,
  tensorRoot,
  tensorTree,
} from '@lockstep/repops'
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { fail } from '../errors.ts'
import { appendDurable } from '../files/atomic.ts'
import type { Mirror } from '../store/mirror.ts'
import { fetchTensors, type Work } from './job.ts'
import type { NodeAt, Place } from './place.ts'
import { ROW_LEVELS } from './place.ts'

/** Runs one step of the work: the next state, and every node's output in order if somebody listens. */
export type RunStep = (
  state: readonly Tensor[],
  step: number,
  onOutput?: (node: number, output: Tensor) => void,
) => Tensor[]

const KEPT_STATES = 3
const KEPT_TREES = 64

/**
 * One run of a computation: its checkpoints, and every tree below them, recomputed when asked for.
 * Checkpoint states go to the artifact store and their roots to a file, one line each, as soon as they exist:
 * a killed process goes on at the last one.
 */
export class Trace {
  readonly work: Work
  readonly #mirror: Mirror
  readonly #runStep: RunStep
  readonly #path: string
  readonly #roots: Hash[]
  readonly #states = new Recent<number, readonly Tensor[]>(KEPT_STATES)
  readonly #trees = new Recent<string, MerkleTree>(KEPT_TREES)
  readonly #outputs = new Recent<string, Tensor>(4)
  readonly #tensorRoots = new WeakMap<Tensor, Hash>()
  #tail: Promise<unknown> = Promise.resolve()

  /** `path`: the file of checkpoint roots. One file belongs to one computation and one way of running it. */
  constructor(work: Work, mirror: Mirror, runStep: RunStep, path: string) {
    this.work = work
    this.#mirror = mirror
    this.#runStep = runStep
    this.#path = path
    this.#roots = existsSync(path) ? readRoots(path, this.checkpointCount) : []
  }

  get checkpointCount(): number {
    return Math.ceil(this.work.computation.steps / this.work.computation.interval) + 1
  }

  /** Steps that are done and saved. */
  get stepsDone(): number {
    return this.#roots.length === 0 ? 0 : this.#stepOf(this.#roots.length - 1)
  }

  get isComplete(): boolean {
    return this.#roots.length === this.checkpointCount
  }

  /** Runs to the end from the last saved checkpoint. `onStep` sees every state as it is reached. */
  async run(
    onStep: (stepsDone: number, state: readonly Tensor[]) => void = () => {},
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.#roots.length === 0) this.#save(this.work.initialState)
    let step = this.stepsDone
    let state = await this.#checkpoint(this.#roots.length - 1)
    while (!this.isComplete) {
      signal?.throwIfAborted()
      state = this.#runStep(state, step)
      step++
      onStep(step, state)
      if (step === this.#stepOf(this.#roots.length)) this.#save(state)
      // Requests and disputes are answered between two steps.
      await breathe()
    }
    this.#states.set(step, state)
  }

  checkpoints(): MerkleTree {
    if (!this.isComplete) throw new Error('the run is not complete')
    return new MerkleTree(this.#roots)
  }

  get checkpointRoot(): Hash {
    return this.checkpoints().root
  }

  get finalStateRoot(): Hash {
    return this.checkpoints().leaf(this.checkpointCount - 1)
  }

  /** Steps in an interval. */
  length(interval: number): number {
    const { steps, interval: c } = this.work.computation
    return Math.min(c, steps - interval * c)
  }

  /** The tree at `place`; throws a RangeError where the computation has no such place. */
  async tree(place: Place): Promise<MerkleTree> {
    this.#check(place)
    if (place.tree === 'checkpoints') return this.checkpoints()
    const key = JSON.stringify(place)
    const known = this.#trees.get(key)
    if (known !== undefined) return known
    const tree = await this.#exclusive(async () => this.#trees.get(key) ?? this.#build(place))
    this.#trees.set(key, tree)
    return tree
  }

  /** The state before a step, or after the last one for step T. */
  state(step: number): Promise<readonly Tensor[]> {
    return this.#exclusive(() => this.#stateBefore(step))
  }

  /** What a node yields in a step. */
  async output(step: number, node: number): Promise<Tensor> {
    this.#check({ tree: 'tensor', step, node })
    return this.#exclusive(async () => {
      const key = `${step}/${node}`
      const known = this.#outputs.get(key)
      if (known !== undefined) return known
      await this.#replay(step, (index, output) => {
        if (index === node) this.#outputs.set(key, output)
      })
      return this.#outputs.get(key)!
    })
  }

  /** The outputs of several nodes in one step, from one replay. */
  async outputs(step: number, nodes: readonly number[]): Promise<Map<number, Tensor>> {
    return this.#exclusive(async () => {
      const found = new Map<number, Tensor>()
      await this.#replay(step, (index, output) => {
        if (nodes.includes(index)) found.set(index, output)
      })
      return found
    })
  }

  /** A row of a tree, as a reveal shows it. */
  async row(place: Place, { height, index }: NodeAt): Promise<readonly Hash[]> {
    return (await this.tree(place)).reveal(height, index, ROW_LEVELS)
  }

  /** The real bytes of a leaf of a node's output. */
  async leaf(step: number, node: number, index: number): Promise<Uint8Array> {
    const { bytes } = await this.output(step, node)
    if (index * LEAF_BYTES >= bytes.length) throw new RangeError(`no leaf ${index}`)
    return bytes.slice(index * LEAF_BYTES, (index + 1) * LEAF_BYTES)
  }

  rootOf(tensor: Tensor): Hash {
    const known = this.#tensorRoots.get(tensor)
    if (known !== undefined) return known
    const root = tensorRoot(tensor)
    this.#tensorRoots.set(tensor, root)
    return root
  }

  /** The tree over a state's (or the constants') tensor roots. */
  treeOf(tensors: readonly Tensor[]): MerkleTree {
    return new MerkleTree(tensors.map((tensor) => this.rootOf(tensor)))
  }

  async #build(place: Exclude<Place, { tree: 'checkpoints' }>): Promise<MerkleTree> {
    switch (place.tree) {
      case 'steps': {
        const first = place.interval * this.work.computation.interval
        const leaves: Hash[] = []
        let state = await this.#stateBefore(first)
        for (let k = 0; k < this.length(place.interval); k++) {
          state = this.#runStep(state, first + k)
          const tree = this.treeOf(state)
          this.#trees.set(JSON.stringify({ tree: 'state', step: first + k } satisfies Place), tree)
          leaves.push(tree.root)
          await breathe()
        }
        return new MerkleTree(leaves)
      }
      case 'graph': {
        const leaves: Hash[] = []
        await this.#replay(place.step, (_, output) => leaves.push(this.rootOf(output)))
        return new MerkleTree(leaves)
      }
      case 'state':
        return this.treeOf(await this.#stateBefore(place.step + 1))
      case 'tensor': {
        const key = `${place.step}/${place.node}`
        if (this.#outputs.get(key) === undefined) {
          await this.#replay(place.step, (index, output) => {
            if (index === place.node) this.#outputs.set(key, output)
          })
        }
        return tensorTree(this.#outputs.get(key)!)
      }
    }
  }

  async #replay(step: number, onOutput: (node: number, output: Tensor) => void): Promise<void> {
    this.#states.set(step + 1, this.#runStep(await this.#stateBefore(step), step, onOutput))
  }

  async #stateBefore(step: number): Promise<readonly Tensor[]> {
    const c = this.work.computation.interval
    const last = Math.min(Math.floor(step / c), this.#roots.length - 1)
    // The nearest state at or before the step: one that was just used, or the checkpoint.
    let at = Math.max(
      this.#stepOf(last),
      ...this.#states.keys().filter((known) => known <= step),
    )
    let state = this.#states.get(at) ?? (await this.#checkpoint(last))
    for (; at < step; at++) {
      state = this.#runStep(state, at)
      await breathe()
    }
    this.#states.set(step, state)
    return state
  }

  async #checkpoint(index: number): Promise<readonly Tensor[]> {
    if (index === 0) return this.work.initialState
    return fetchTensors(this.#mirror, this.#roots[index]!, this.work.program.states, 'state')
  }

  #save(state: readonly Tensor[]): void {
    const { folder } = this.#mirror
    for (const tensor of state) {
      folder.putTrusted({ kind: 'tensors', root: this.rootOf(tensor) }, tensor.bytes)
    }
    const tree = this.treeOf(state)
    const leaves = state.map((tensor) => this.rootOf(tensor))
    folder.putTrusted({ kind: 'lists', root: tree.root }, packHashes(leaves))
    if (this.#roots.length === 0 && tree.root !== this.work.computation.initialStateRoot) {
      throw fail.badArtifact({
        what: `the initial state has the root ${tree.root}`,
        where: `computation ${this.work.id} registers ${this.work.computation.initialStateRoot}`,
        advice: 'do not take this job',
      })
    }
    mkdirSync(dirname(this.#path), { recursive: true })
    const file = openSync(this.#path, 'a')
    try {
      // Cuts off what a kill left of an earlier line.
      ftruncateSync(file, this.#roots.length * LINE_BYTES)
      appendDurable(file, `${tree.root}\n`)
    } finally {
      closeSync(file)
    }
    this.#roots.push(tree.root)
  }

  /** Steps done at a checkpoint. */
  #stepOf(checkpoint: number): number {
    return Math.min(checkpoint * this.work.computation.interval, this.work.computation.steps)
  }

  #check(place: Place): void {
    const { steps, nodes } = this.work.computation
    const inside =
      place.tree === 'checkpoints' ||
      (place.tree === 'steps'
        ? place.interval < this.checkpointCount - 1
        : place.step < steps && (place.tree !== 'tensor' || place.node < nodes))
    if (!inside) throw new RangeError(`the computation has no place ${JSON.stringify(place)}`)
  }

  // Replays are heavy and share what they keep, so there is one at a time.
  #exclusive<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => {})
    return result
  }
}

const LINE_BYTES = 67

function readRoots(path: string, most: number): Hash[] {
  const text = readFileSync(path, 'utf8')
  const roots = text.slice(0, text.lastIndexOf('\n') + 1).split('\n').slice(0, -1)
  if (roots.length > most || roots.some((root) => !/^0x[0-9a-f]{64}$/.test(root))) {
    throw fail.badArtifact({
      what: 'the list of checkpoints is damaged',
      where: path,
      advice: 'remove it; the run starts again',
    })
  }
  return roots as Hash[]
}

/** The values that were used last. */
class Recent<K, V> {
  readonly #most: number
  readonly #values = new Map<K, V>()

  constructor(most: number) {
    this.#most = most
  }

  keys(): K[] {
    return [...this.#values.keys()]
  }

  get(key: K): V | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: K, value: V): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size > this.#most) this.#values.delete(this.#values.keys().next().value!)
  }
}
