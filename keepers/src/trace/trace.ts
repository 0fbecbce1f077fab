import {
  checkpointCount,
  Execution,
  type Hash,
  type Job,
  LEAF_BYTES,
  MerkleTree,
  packHashes,
  replayInterval,
  replayStep,
  runJob,
  type RunOptions,
  stateBefore,
  stepOfCheckpoint,
  type StepReplay,
  type Tensor,
  tensorsTree,
  tensorTree,
  ZERO_HASH,
} from '@lockstep/repops'
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fail } from '../errors.ts'
import { appendDurable } from '../files/atomic.ts'
import { Recent } from '../files/recent.ts'
import type { Mirror } from '../store/mirror.ts'
import { storeTensor } from '../store/tensors.ts'
import { fetchTensors, type Work } from './work.ts'
import { type NodeAt, type Place, ROW_LEVELS } from './place.ts'

const KEPT_TREES = 64
// A replayed step holds the outputs that were last asked for; two serve the dispute at hand and one more.
const KEPT_STEPS = 2

/**
 * One run of a computation: its checkpoints, and every tree below them, recomputed when asked for.
 * Checkpoint states go to the artifact store and their roots to a file, one line each, as soon as they exist:
 * a killed process goes on at the last one.
 */
export class Trace {
  readonly work: Work
  readonly #mirror: Mirror
  readonly #options: RunOptions
  readonly #path: string
  readonly #roots: Hash[]
  readonly #trees = new Recent<string, MerkleTree>(KEPT_TREES)
  readonly #steps = new Recent<number, StepReplay>(KEPT_STEPS)
  #tail: Promise<unknown> = Promise.resolve()

  /** `path`: the file of checkpoint roots. One file belongs to one computation and one way of running it. */
  constructor(work: Work, mirror: Mirror, options: RunOptions, path: string) {
    this.work = work
    this.#mirror = mirror
    this.#options = options
    this.#path = path
    this.#roots = existsSync(path) ? readRoots(path, checkpointCount(this.job)) : []
  }

  /** Whether this is the run of a cheat. */
  get isBent(): boolean {
    return this.#options.corruption !== undefined
  }

  get job(): Job {
    return this.work.job
  }

  /** Steps that are done and saved. */
  get stepsDone(): number {
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
   * Runs to the end from the last saved checkpoint. `onStep` sees every state as it is reached; `stop` is asked
   * after every checkpoint and ends the run early by true.
   */
  async run(
    onStep: (stepsDone: number, state: readonly Tensor[]) => void = () => undefined,
    stop: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<void> {
    if (this.#roots.length === 0) this.#save(this.job.initialState)
    if (this.isComplete) return
    const index = this.#roots.length - 1
    const from = { index, state: await this.#checkpoint(index) }
    for await (const checkpoint of runJob(this.job, { ...this.#options, from, onStep })) {
      if (checkpoint.index <= index) continue
      this.#save(checkpoint.state)
      if (this.#roots.length < checkpointCount(this.job) && (await stop())) return
    }
  }

  get checkpoints(): MerkleTree {
    if (!this.isComplete) throw new Error('the run is not complete')
    return new MerkleTree(this.#roots)
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

  /** Wall-clock time of the first step on this machine; for deciding about a job, never for its result. */
  measureStepSeconds(): number {
    const { program, initialState: state, constants, seed } = this.job
    const execution = new Execution(program, this.#options.backend, { state, constants, seed })
    const started = performance.now()
    execution.advance()
    return (performance.now() - started) / 1000
  }

  /** A step with all of its nodes' outputs. */
  step(step: number): Promise<StepReplay> {
    this.#check({ tree: 'graph', step })
    return this.#exclusive(async () => {
      const known = this.#steps.get(step)
      if (known !== undefined) return known
      const index = Math.floor(step / this.job.interval)
      const checkpoint = { index, state: await this.#checkpoint(index) }
      const before = await stateBefore(this.job, this.#options, step, checkpoint)
      return this.#steps.set(step, replayStep(this.job, this.#options, step, before))
    })
  }

  /** A row of a tree, as a reveal shows it. */
  async row(place: Place, { height, index }: NodeAt): Promise<readonly Hash[]> {
    return (await this.tree(place)).reveal(height, index, ROW_LEVELS)
  }

  /** The real bytes of a leaf of a node's output. */
  async leaf(step: number, node: number, index: number): Promise<Uint8Array> {
    this.#check({ tree: 'tensor', step, node })
    const { bytes } = (await this.step(step)).output(node)
    if (index * LEAF_BYTES >= bytes.length) throw new RangeError(`the output has no leaf ${index}`)
    return bytes.slice(index * LEAF_BYTES, (index + 1) * LEAF_BYTES)
  }

  async #build(place: Exclude<Place, { tree: 'checkpoints' }>): Promise<MerkleTree> {
    switch (place.tree) {
      case 'steps':
        return this.#exclusive(async () => {
          const state = await this.#checkpoint(place.interval)
          return new MerkleTree(
            await replayInterval(this.job, this.#options, place.interval, state),
          )
        })
      case 'graph':
        return (await this.step(place.step)).graph
      case 'state':
        return tensorsTree((await this.step(place.step)).after)
      case 'tensor':
        return tensorTree((await this.step(place.step)).output(place.node))
    }
  }

  async #checkpoint(index: number): Promise<readonly Tensor[]> {
    if (index === 0) return this.job.initialState
    return fetchTensors(this.#mirror, this.#roots[index], this.job.program.states, 'state')
  }

  #save(state: readonly Tensor[]): void {
    const { folder } = this.#mirror
    const roots = state.map((tensor) => storeTensor(tensor, folder))
    const { root } = new MerkleTree(roots)
    folder.putTrusted({ kind: 'lists', root }, packHashes(roots))
    mkdirSync(dirname(this.#path), { recursive: true })
    const file = openSync(this.#path, 'a')
    try {
      // Cuts off what a kill left of an earlier line.
      ftruncateSync(file, this.#roots.length * LINE_BYTES)
      appendDurable(file, `${root}\n`)
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

  // Replays are heavy and share what they keep, so there is one at a time.
  #exclusive<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => {})
    return result
  }
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
