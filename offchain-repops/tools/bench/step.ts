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

export interface StepOptions {
  /** Every node's output is hashed, none is computed together with another. */
  readonly commit?: boolean
  /** Tasks that can be run alone, too. */
  readonly alone?: (task: Task, plan: Plan) => boolean
}

/** The step of a job with its tensors where the backend has them. */
export class Step {
  readonly plan: Plan
  /** Of the plan and, behind them, once more those that can be run alone. */
  readonly #tasks: number
  readonly #executable: Executable
  readonly #seed: bigint
  #next = 0

  private constructor(plan: Plan, tasks: number, executable: Executable, seed: bigint) {
    this.plan = plan
    this.#tasks = tasks
    this.#executable = executable
    this.#seed = seed
  }

  static async compile(
    { program, initialState, constants, seed }: Job,
    backend: Backend,
    { commit = false, alone = () => false }: StepOptions = {},
  ): Promise<Step> {
    const { fuses: fuse, isolates } = backend
    const isAlone = (node: number): boolean => isolates?.(program.nodes[node]) === true
    const plan = planStep(program, { advance: true, commit, fuse, isAlone })
    const tasks = [...plan.tasks, ...plan.tasks.filter((task) => alone(task, plan))]
    const executable = await backend.compile({ ...plan, tasks })
    for (const [slot, { words }] of [...initialState, ...constants].entries())
      await executable.write(slot, words)
    return new Step(plan, tasks.length, executable, seed)
  }

  /** Runs the whole step. */
  async run(): Promise<void> {
    await this.#run(0, this.plan.tasks.length)
    this.#next++
  }

  /** Seconds that the tasks take that can be run alone, one after another; what they compute is nobody's. */
  async secondsAlone(): Promise<number> {
    const start = performance.now()
    await this.#run(this.plan.tasks.length, this.#tasks)
    return (performance.now() - start) / 1000
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
