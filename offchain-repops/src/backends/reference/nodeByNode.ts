import { fromHex } from '../../commit/hash.ts'
import { tensorRoot } from '../../commit/tensor.ts'
import type { Plan, Slot, Task } from '../../execute/plan/types.ts'
import { Tensor } from '../../tensor.ts'
import type { Backend, Executable, StepContext } from '../backend.ts'
import type { computeNode } from './computeNode.ts'

/** A backend in this process that walks the nodes of a plan and takes no notice of kernels. */
export function nodeByNode(name: string, compute: typeof computeNode): Backend {
  return {
    name,
    fuses: false,
    compile: (plan) => Promise.resolve(new NodeByNode(plan, compute)),
  }
}

// How long it may keep the event loop from others; a node is not interrupted.
const TURN_MS = 10

class NodeByNode implements Executable {
  readonly #plan: Plan
  readonly #computeNode: typeof computeNode
  #tensors: readonly Tensor[]

  constructor(plan: Plan, compute: typeof computeNode) {
    this.#plan = plan
    this.#computeNode = compute
    const arena = new Int32Array(plan.arenaWords)
    this.#tensors = plan.slots.map((slot) => new Tensor(slot.type, wordsOf(slot, arena)))
  }

  async run(from: number, to: number, context: StepContext): Promise<Uint8Array> {
    const { slots, tasks } = this.#plan
    slots.forEach(({ place }, i) => {
      if (place.kind === 'step') this.#tensors[i].words[0] = context.step
    })
    const committed: Uint8Array[] = []
    let turn = -Infinity
    for (const task of tasks.slice(from, to)) {
      if (performance.now() - turn > TURN_MS) {
        await nextTurn()
        turn = performance.now()
      }
      this.#compute(task, context)
      if (task.commit) committed.push(fromHex(tensorRoot(this.#tensors[task.outputs[0]])))
    }
    return Buffer.concat(committed)
  }

  #compute({ nodes, kernel, inputs, outputs }: Task, context: StepContext): void {
    const operands = inputs.map((slot) => this.#tensors[slot])
    const output = this.#tensors[outputs[0]]
    if (kernel.kind === 'copy') {
      output.words.set(operands[0].words)
      return
    }
    if (nodes.length !== 1)
      throw new Error(`a plan without fusion is wanted, not nodes ${nodes.join(', ')} at once`)
    this.#computeNode(this.#plan.program.nodes[nodes[0]], operands, output, context)
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
