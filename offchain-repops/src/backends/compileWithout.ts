import { LEAF_ELEMENTS } from '../commit/tensor.ts'
import type { Plan, Slot, Task } from '../execute/plan/types.ts'
import type { Node } from '../program/types.ts'
import type { Backend, Executable, MemoryNeed, StepContext } from './backend.ts'

/** A plan for a backend that is not trusted with some of its nodes. */
interface Division {
  /** Tasks that run on another one. */
  readonly refused: readonly number[]
  /** All other tasks, on the slots of the whole plan. */
  readonly trusted: Plan
  /** The refused tasks, on slots of their own. */
  readonly copies: Plan
}

/** Each node that is refused must be a task of its own. */
function dividePlan(plan: Plan, isRefused: (node: Node) => boolean): Division {
  const refused = plan.tasks.flatMap(({ nodes }, index) => {
    if (!nodes.some((node) => isRefused(plan.program.nodes[node]))) return []
    if (nodes.length > 1)
      throw new Error(
        `task ${index} fuses nodes ${nodes.join(', ')}, of which one is refused: plan it alone`,
      )
    return index
  })
  const isElsewhere = new Set(refused)
  const trusted = { ...plan, tasks: plan.tasks.filter((_, index) => !isElsewhere.has(index)) }
  return { refused, trusted, copies: planOfCopies(plan, refused) }
}

/** What {@link compileWithout} takes. */
export function needsWithout(
  backend: Backend,
  isRefused: (node: Node) => boolean,
  instead: Backend,
  plan: Plan,
): readonly MemoryNeed[] {
  const { refused, trusted, copies } = dividePlan(plan, isRefused)
  if (refused.length === 0) return backend.needs(plan)
  const bytes = instead.needs(copies).reduce((sum, need) => sum + need.bytes, 0)
  return [...backend.needs(trusted), { what: `what runs on the ${instead.name}`, bytes }]
}

/**
 * Compiles a plan on a backend that is not trusted with some nodes, and does not even see them: a kernel that is wrong
 * may as well not compile. Their tasks run on `instead`, on copies of their slots, between ranges of the others.
 */
export async function compileWithout(
  backend: Backend,
  isRefused: (node: Node) => boolean,
  instead: Backend,
  plan: Plan,
): Promise<Executable> {
  const { refused, trusted, copies } = dividePlan(plan, isRefused)
  const main = await backend.compile(trusted)
  if (refused.length === 0) return main
  try {
    const executable = await instead.compile(copies)
    return new Patched(plan, main, { plan: copies, executable }, refused)
  } catch (error) {
    await main.close()
    throw error
  }
}

/** The refused tasks with slots of their own. One runs at a time, so the words of all begin at the same place. */
function planOfCopies(
  { program, slots: originals, tasks: all }: Plan,
  refused: readonly number[],
): Plan {
  const slots: Slot[] = []
  let arenaWords = 0
  const tasks = refused.map((index): Task => {
    let offset = 0
    const copy = (slot: number): number => {
      const { type, count, place } = originals[slot]
      if (place.kind === 'immediate' || place.kind === 'step')
        return slots.push(originals[slot]) - 1
      const copied: Slot = { type, count, place: { kind: 'arena', offset } }
      offset += Math.ceil(count / LEAF_ELEMENTS) * LEAF_ELEMENTS
      arenaWords = Math.max(arenaWords, offset)
      return slots.push(copied) - 1
    }
    const { inputs, outputs, ...task } = all[index]
    return { ...task, inputs: inputs.map(copy), outputs: outputs.map(copy), commit: false }
  })
  return { program: { nodes: program.nodes, states: [], constants: [] }, slots, arenaWords, tasks }
}

/**
 * Two executables that work as one: `copies` runs the i-th of the tasks `refused` as its task i, `main` the others in
 * their order.
 */
class Patched implements Executable {
  readonly #plan: Plan
  readonly #main: Executable
  readonly #copies: { readonly plan: Plan; readonly executable: Executable }
  readonly #refused: readonly number[]

  constructor(
    plan: Plan,
    main: Executable,
    copies: { readonly plan: Plan; readonly executable: Executable },
    refused: readonly number[],
  ) {
    this.#plan = plan
    this.#main = main
    this.#copies = copies
    this.#refused = refused
  }

  async run(from: number, to: number, context: StepContext): Promise<Uint8Array> {
    const roots: Uint8Array[] = []
    let next = from
    let elsewhere = 0 // refused tasks before `next`
    const runMain = async (until: number): Promise<void> => {
      if (next < until)
        roots.push(await this.#main.run(next - elsewhere, until - elsewhere, context))
      next = until
    }
    for (const [i, index] of this.#refused.entries()) {
      if (index >= to) break
      if (index >= from) {
        await runMain(index)
        await this.#runCopy(i, context)
        const { outputs, commit } = this.#plan.tasks[index]
        if (commit) roots.push(await this.#main.roots(outputs))
        next = index + 1
      }
      elsewhere = i + 1
    }
    await runMain(to)
    return Buffer.concat(roots)
  }

  async #runCopy(i: number, context: StepContext): Promise<void> {
    const original = this.#plan.tasks[this.#refused[i]]
    const { plan, executable } = this.#copies
    const copy = plan.tasks[i]
    for (const [k, slot] of original.inputs.entries()) {
      if (plan.slots[copy.inputs[k]].place.kind !== 'arena') continue
      await executable.write(copy.inputs[k], await this.#main.read(slot))
    }
    await executable.run(i, i + 1, context)
    for (const [k, slot] of original.outputs.entries())
      await this.#main.write(slot, await executable.read(copy.outputs[k]))
  }

  read(slot: number): Promise<Int32Array> {
    return this.#main.read(slot)
  }

  write(slot: number, words: Int32Array): Promise<void> {
    return this.#main.write(slot, words)
  }

  roots(slots: readonly number[]): Promise<Uint8Array> {
    return this.#main.roots(slots)
  }

  async close(): Promise<void> {
    await this.#main.close()
    await this.#copies.executable.close()
  }
}
