import type { Backend, Executable } from '../../src/backends/backend.ts'
import type { Job } from '../../src/execute/Job.ts'
import { planStep } from '../../src/execute/plan/planStep.ts'
import type { Plan, Task } from '../../src/execute/plan/types.ts'
import { bestSeconds } from './measure.ts'

/** Where the time of a step goes, in seconds. */
export interface StepProfile {
  readonly seconds: number
  readonly byKind: ReadonlyMap<string, number>
}

/** The step of a job with its tensors where the backend has them. */
export class Step {
  readonly plan: Plan
  readonly #executable: Executable
  readonly #seed: bigint
  #next = 0

  private constructor(plan: Plan, executable: Executable, seed: bigint) {
    this.plan = plan
    this.#executable = executable
    this.#seed = seed
  }

  /** `commit`: every node's output is hashed, none is computed together with another. */
  static async compile(
    { program, initialState, constants, seed }: Job,
    backend: Backend,
    commit = false,
  ): Promise<Step> {
    const { fuses: fuse, isolates } = backend
    const isAlone = (node: number): boolean => isolates?.(program.nodes[node]) === true
    const plan = planStep(program, { advance: true, commit, fuse, isAlone })
    const executable = await backend.compile(plan)
    for (const [slot, { words }] of [...initialState, ...constants].entries())
      await executable.write(slot, words)
    return new Step(plan, executable, seed)
  }

  /** Runs the whole step. */
  async run(): Promise<void> {
    await this.#run(0, this.plan.tasks.length)
    this.#next++
  }

  /** The best time of a step, in seconds. */
  seconds(times: number): Promise<number> {
    return bestSeconds(times, () => this.run())
  }

  /** Runs a step and times it, and the tasks of each kind in it; those in a row are timed together. */
  async profile(kindOf: (task: Task) => string): Promise<StepProfile> {
    const { tasks } = this.plan
    const byKind = new Map<string, number>()
    const begin = performance.now()
    for (let from = 0, to = 0; from < tasks.length; from = to) {
      const kind = kindOf(tasks[from])
      while (to < tasks.length && kindOf(tasks[to]) === kind) to++
      const start = performance.now()
      await this.#run(from, to)
      byKind.set(kind, (byKind.get(kind) ?? 0) + (performance.now() - start) / 1000)
    }
    this.#next++
    return { seconds: (performance.now() - begin) / 1000, byKind }
  }

  /** Hashes all states, as a checkpoint does. */
  async hashState(): Promise<void> {
    await this.#executable.roots(this.plan.program.states.map((_, slot) => slot))
  }

  read(slot: number): Promise<Int32Array> {
    return this.#executable.read(slot)
  }

  close(): Promise<void> {
    return this.#executable.close()
  }

  #run(from: number, to: number): Promise<Uint8Array> {
    return this.#executable.run(from, to, { step: this.#next, seed: this.#seed })
  }
}
