import type { Plan, Slot } from '../../execute/plan/types.ts'
import type { Address } from './driver.ts'
import type { DeviceLimits, Launch, Workspace } from './launches/launch.ts'
import { launchesOf } from './launches/launchesOf.ts'
import { HASH_BYTES, rootLaunches, zeroSubtrees } from './launches/roots.ts'
import { pair } from './parameters.ts'

/** Where everything that a plan needs lies on the device. */
export interface Memory {
  readonly arena: Address
  readonly states: readonly Address[]
  readonly constants: readonly Address[]
  /** Begins with `struct Context`, whose first word is the step. */
  readonly tables: Address
  readonly scratch: Address
  readonly roots: Address
}

/** What a plan asks a device to do. */
export interface Translation {
  readonly slots: readonly Address[]
  /** Of each task; where it commits, with the root of its output. */
  readonly tasks: readonly (readonly Launch[])[]
  /** Launches that write the root of a slot as root number `index`. */
  readonly hash: (slot: number, index: number) => Launch[]
  /** Words of eight bytes to be put into the memory's tables. */
  readonly tables: readonly bigint[]
  readonly scratchBytes: number
}

/** Translates a plan for memory at given addresses. What is asked for does not depend on where it is. */
export function translate(limits: DeviceLimits, plan: Plan, memory: Memory): Translation {
  const workspace = new PlanWorkspace(limits, memory)
  const zeros = workspace.table(zeroSubtrees())
  const slots = plan.slots.map((slot) => addressOf(slot, memory, workspace))
  const hash = (slot: number, index: number): Launch[] => {
    const root = memory.roots + BigInt(HASH_BYTES * index)
    workspace.beginTask()
    return rootLaunches(slots[slot], plan.slots[slot].count, root, zeros, workspace)
  }
  let committed = 0
  const tasks = plan.tasks.map(({ kernel, inputs, outputs, commit }) => {
    const at = (slot: number): Address => slots[slot]
    workspace.beginTask()
    const launches = launchesOf(kernel, inputs.map(at), outputs.map(at), workspace)
    return commit ? [...launches, ...hash(outputs[0], committed++)] : launches
  })
  plan.slots.forEach((_, slot) => hash(slot, 0)) // any slot may be hashed: room for the largest
  return { slots, tasks, hash, tables: workspace.words, scratchBytes: workspace.scratchBytes }
}

function addressOf({ place }: Slot, memory: Memory, workspace: PlanWorkspace): Address {
  switch (place.kind) {
    case 'arena':
      return memory.arena + BigInt(4 * place.offset)
    case 'state':
      return memory.states[place.ref]
    case 'constant':
      return memory.constants[place.ref]
    case 'immediate':
      return workspace.table([pair(place.bits, 0)])
    case 'step':
      return memory.tables
  }
}

const ALIGNMENT = 256

class PlanWorkspace implements Workspace {
  readonly processors: number
  readonly sharedBytes: number
  readonly context: Address
  readonly words: bigint[] = [0n, 0n] // struct Context
  scratchBytes = 0
  readonly #memory: Memory
  #taken = 0

  constructor({ processors, sharedBytes }: DeviceLimits, memory: Memory) {
    this.processors = processors
    this.sharedBytes = sharedBytes
    this.context = memory.tables
    this.#memory = memory
  }

  beginTask(): void {
    this.#taken = 0
  }

  readonly table = (words: readonly bigint[]): Address => {
    if (this.words.length % 2 === 1) this.words.push(0n) // instructions are read sixteen bytes at a time
    const address = this.#memory.tables + BigInt(8 * this.words.length)
    for (const word of words) this.words.push(word)
    return address
  }

  readonly scratch = (bytes: number): Address => {
    const address = this.#memory.scratch + BigInt(this.#taken)
    this.#taken += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    this.scratchBytes = Math.max(this.scratchBytes, this.#taken)
    return address
  }
}
