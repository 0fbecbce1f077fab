import type { Backend } from '../backends/backend.ts'
import type { Hash } from '../commit/hash.ts'
import { stateRoot } from '../commit/tensor.ts'
import type { Program } from '../program/types.ts'
import { Tensor } from '../tensor.ts'
import { Execution, type Corruption } from './Execution.ts'

/** A whole computation: what is run, on what, for how long, and how often its state is committed. */
export interface Job {
  readonly program: Program
  readonly constants: readonly Tensor[]
  readonly initialState: readonly Tensor[]
  readonly seed: bigint
  /** T: number of steps. */
  readonly steps: number
  /** c: steps between checkpoints. */
  readonly interval: number
}

/** How a computation is run. `corruption` makes it the run of a cheat. */
export interface RunOptions {
  readonly backend: Backend
  readonly corruption?: Corruption | undefined
}

/** The state after min(index · c, T) steps. */
export interface Checkpoint {
  readonly index: number
  readonly step: number
  readonly root: Hash
  /** Valid until the run goes on: copy or write it out to keep. */
  readonly state: readonly Tensor[]
}

/** ⌈T/c⌉ + 1: checkpoint 0 is the initial state, the last one the final state. */
export function checkpointCount(job: Pick<Job, 'steps' | 'interval'>): number {
  return Math.ceil(job.steps / job.interval) + 1
}

/** Steps that are done at a checkpoint. */
export function stepOfCheckpoint(job: Pick<Job, 'steps' | 'interval'>, index: number): number {
  return Math.min(index * job.interval, job.steps)
}

export interface RunJobOptions extends RunOptions {
  /** Where to go on, at checkpoint `index` or `step` in the interval behind it; the initial state by default. */
  readonly from?: {
    readonly index: number
    readonly step?: number
    readonly state: readonly Tensor[]
  }
  /** Called after every step with the number of steps done, and waited for. `state` changes with the next step. */
  readonly onStep?: (done: number, state: readonly Tensor[]) => void | Promise<void>
}

/**
 * Runs a job and yields its checkpoints in order, beginning with the one it starts from, if it does. Between steps the
 * event loop runs. To go on after a break, give the last checkpoint that was kept as `from`.
 */
export async function* runJob(job: Job, options: RunJobOptions): AsyncGenerator<Checkpoint, void> {
  const from = options.from ?? { index: 0, state: job.initialState }
  const first = stepOfCheckpoint(job, from.index)
  const execution = start(job, options, from.step ?? first, from.state)
  const checkpoint = (index: number): Checkpoint => {
    const { step, state } = execution
    return { index, step, root: stateRoot(state), state }
  }
  if (execution.step === first) yield checkpoint(from.index)
  for (let index = from.index + 1; index < checkpointCount(job); index++) {
    while (execution.step < stepOfCheckpoint(job, index)) {
      execution.advance()
      await options.onStep?.(execution.step, execution.state)
      await nextTurn()
    }
    yield checkpoint(index)
  }
}

/**
 * State roots after each step of interval `index`, from the state of the checkpoint it begins with: the
 * leaves of the interval's steps tree.
 */
export async function replayInterval(
  job: Job,
  options: RunOptions,
  index: number,
  checkpointState: readonly Tensor[],
): Promise<Hash[]> {
  const execution = start(job, options, stepOfCheckpoint(job, index), checkpointState)
  const roots: Hash[] = []
  while (execution.step < stepOfCheckpoint(job, index + 1)) {
    execution.advance()
    roots.push(stateRoot(execution.state))
    await nextTurn()
  }
  return roots
}

/** The state before `step`, from the state before the same or an earlier one; a copy. */
export async function stateBefore(
  job: Job,
  options: RunOptions,
  step: number,
  from: { readonly step: number; readonly state: readonly Tensor[] },
): Promise<Tensor[]> {
  const execution = start(job, options, from.step, from.state)
  while (execution.step < step) {
    execution.advance()
    await nextTurn()
  }
  return execution.state.map((tensor) => new Tensor(tensor.type, tensor.words.slice()))
}

function start(
  job: Job,
  { backend, corruption }: RunOptions,
  step: number,
  state: readonly Tensor[],
): Execution {
  const { program, constants, seed } = job
  return new Execution(program, backend, { state, constants, seed, step, corruption })
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
