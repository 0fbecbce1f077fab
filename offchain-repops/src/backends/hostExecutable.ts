import { fromHex } from '../commit/hash.ts'
import { tensorRoot } from '../commit/tensor.ts'
import type { Plan, Slot, Task } from '../execute/plan/types.ts'
import { Tensor } from '../tensor.ts'
import type { Executable, StepContext } from './backend.ts'

/** Computes one task: `inputs` and `outputs` are its slots, in its order. */
export type ComputeTask = (
  task: Task,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  context: StepContext,
) => void

// How long it may keep the event loop from others; a task is not interrupted.
const TURN_MS = 10

/** A plan with its tensors in this process, computed task by task in TypeScript. `unwritten` fills the arena at first. */
export class HostExecutable implements Executable {
  readonly #plan: Plan
  readonly #compute: ComputeTask
  #tensors: readonly Tensor[]

  constructor(plan: Plan, compute: ComputeTask, unwritten = 0) {
    this.#plan = plan
    this.#compute = compute
    const arena = new Int32Array(plan.arenaWords).fill(unwritten)
    this.#tensors = plan.slots.map((slot) => new Tensor(slot.type, wordsOf(slot, arena)))
  }

  async run(from: number, to: number, context: StepContext): Promise<Uint8Array> {
    const { slots, tasks } = this.#plan
    slots.forEach(({ place }, i) => {
      if (place.kind === 'step') this.#tensors[i].words[0] = context.step
    })
    const tensorsOf = (places: readonly number[]): Tensor[] => places.map((i) => this.#tensors[i])
    const committed: Uint8Array[] = []
    let turn = -Infinity
    for (const task of tasks.slice(from, to)) {
      if (performance.now() - turn > TURN_MS) {
        await nextTurn()
        turn = performance.now()
      }
      const outputs = tensorsOf(task.outputs)
      this.#compute(task, tensorsOf(task.inputs), outputs, context)
      if (task.commit) committed.push(fromHex(tensorRoot(outputs[0])))
    }
    return Buffer.concat(committed)
  }

  read(slot: number): Promise<Int32Array> {
    return Promise.resolve(this.#tensors[slot].words.slice())
  }

  write(slot: number, words: Int32Array): Promise<void> {
    this.#tensors[slot].words.set(words)
    return Promise.resolve()
  }

  roots(slots: readonly number[]): Promise<Uint8Array> {
    return Promise.resolve(
      Buffer.concat(slots.map((slot) => fromHex(tensorRoot(this.#tensors[slot])))),
    )
  }

  close(): Promise<void> {
    this.#tensors = []
    return Promise.resolve()
  }
}

function wordsOf({ count, place }: Slot, arena: Int32Array): Int32Array {
  if (place.kind === 'arena') return arena.subarray(place.offset, place.offset + count)
  return new Int32Array(count).fill(place.kind === 'immediate' ? place.bits : 0)
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
