import type { Backend } from '../backends/backend.ts'
import type { Hash } from '../commit/hash.ts'
import type { Program } from '../program/types.ts'
import type { Tensor } from '../tensor.ts'
import { checkCorruption } from './checkCorruption.ts'
import { Execution, type CurrentState } from './Execution.ts'
import { fittingPlan, type PlanningOptions } from './fittingPlan.ts'

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
export interface RunOptions extends PlanningOptions {
  readonly backend: Backend
}

/** The state after min(index · c, T) steps. */
export interface Checkpoint {
  readonly index: number
  readonly step: number
  readonly root: Hash
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
  /** Called after every step, and waited for. What it is given is of that step until then. */
  readonly onStep?: (current: CurrentState) => unknown
}

/**
 * Runs a job and yields its checkpoints in order, beginning with the one it starts from, if it does. To go on after a
 * break, give the last checkpoint that was kept as `from`.
 */
export async function* runJob(job: Job, options: RunJobOptions): AsyncGenerator<Checkpoint, void> {
  const from = options.from ?? { index: 0, state: job.initialState }
  const first = stepOfCheckpoint(job, from.index)
  const execution = start(job, options, from.step ?? first, from.state)
  const checkpoint = async (index: number): Promise<Checkpoint> => {
    const root = await execution.stateRoot()
    return { index, step: execution.step, root, state: await execution.state() }
  }
  try {
    if (execution.step === first) yield await checkpoint(from.index)
    for (let index = from.index + 1; index < checkpointCount(job); index++) {
      while (execution.step < stepOfCheckpoint(job, index)) {
        await execution.advance()
        await options.onStep?.(execution)
      }
      yield await checkpoint(index)
    }
  } finally {
    await execution.close()
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
  try {
    const roots: Hash[] = []
    while (execution.step < stepOfCheckpoint(job, index + 1)) {
      await execution.advance()
      roots.push(await execution.stateRoot())
    }
    return roots
  } finally {
    await execution.close()
  }
}

/** The state before `step`, from the state before the same or an earlier one; a copy. */
export async function stateBefore(
  job: Job,
  options: RunOptions,
  step: number,
  from: { readonly step: number; readonly state: readonly Tensor[] },
): Promise<Tensor[]> {
  const execution = start(job, options, from.step, from.state)
  try {
    while (execution.step < step) await execution.advance()
    return await execution.state()
  } finally {
    await execution.close()
  }
}

/**
 * Throws a TooLargeError where a step of a program, committed to or not, takes more than there is, and a RangeError for
 * a corruption that hits nothing of it. Nothing is taken, and no tensor needed.
 */
export async function checkJobMemory(
  program: Program,
  { backend, ...options }: RunOptions,
): Promise<void> {
  checkCorruption(program, options.corruption)
  for (const commit of [false, true])
    await fittingPlan(program, backend, { advance: true, commit }, options)
}

/** The execution of a job from a state on. */
export function start(
  job: Job,
  { backend, ...options }: RunOptions,
  step: number,
  state: readonly Tensor[],
): Execution {
  const { program, constants, seed } = job
  const inputs = { ...options, state, constants, seed, step }
  return new Execution(program, backend, inputs)
}
