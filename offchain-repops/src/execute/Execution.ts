import type { Backend } from '../backends/backend.ts'
import { agreeWithEntries } from './agreeWithEntries.ts'
import { ancestors, planBuffers, type Plan } from './plan.ts'
import type { DType, Input, Node, Program } from '../program/types.ts'
import { inputWants, outputOf } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'

/** One flipped bit in one output of one step: what a cheating solver does, for tests and the demo. */
export interface Corruption {
  readonly step: number
  readonly node: number
  readonly element: number
  /** 0 (lowest) to 31. */
  readonly bit: number
}

/** What a run of a program needs beside the program itself. */
export interface ExecutionInputs {
  /** The state before `step`; copied. */
  readonly state: readonly Tensor[]
  readonly constants: readonly Tensor[]
  readonly seed: bigint
  /** Number of the first step that is run; 0 by default. */
  readonly step?: number
  readonly corruption?: Corruption | undefined
}

/** Called with each node's output as soon as it is there. The tensor is overwritten later: copy to keep. */
export type Observer = (node: number, output: Tensor) => void

/** A program in the middle of its run: walks the nodes over a backend's kernels, step by step. */
export class Execution {
  readonly program: Program
  readonly #backend: Backend
  readonly #constants: readonly Tensor[]
  readonly #seed: bigint
  readonly #corruption: Corruption | undefined
  readonly #state: readonly Tensor[]
  readonly #stepTensor = Tensor.zeros('i32', 1)
  readonly #immediates = new Map<string, Tensor>()
  #step: number
  /** Runs what the next state depends on. */
  #shortest: Runnable | undefined
  /** Runs every node, for observers. */
  #full: Runnable | undefined

  constructor(program: Program, backend: Backend, inputs: ExecutionInputs) {
    agreeWithEntries('state', program.states, inputs.state)
    agreeWithEntries('constant', program.constants, inputs.constants)
    checkCorruption(program, inputs.corruption)
    this.program = program
    this.#backend = backend
    this.#constants = inputs.constants
    this.#seed = inputs.seed
    this.#corruption = inputs.corruption
    this.#state = inputs.state.map((tensor) => new Tensor(tensor.type, tensor.words.slice()))
    this.#step = inputs.step ?? 0
  }

  /** Number of the step that `advance` runs next. */
  get step(): number {
    return this.#step
  }

  /** The state before that step. `advance` overwrites it: copy to keep. */
  get state(): readonly Tensor[] {
    return this.#state
  }

  /** Runs one step. With an observer every node runs, else only those that the next state depends on. */
  advance(observe?: Observer): void {
    const kept = new Set(this.program.states.flatMap(({ next }) => next ?? []))
    const runnable = observe
      ? (this.#full ??= this.#runnable(new Set(this.program.nodes.keys()), kept))
      : (this.#shortest ??= this.#runnable(ancestors(this.program, kept), kept))
    this.#run(runnable, observe)
    this.program.states.forEach(({ next }, i) => {
      if (next !== undefined) this.#state[i].words.set(runnable.output(next).words)
    })
    this.#step += 1
  }

  /** Outputs of some nodes in the step that `advance` would run next, without running it. */
  outputs(wanted: Iterable<number>): Map<number, Tensor> {
    const kept = new Set(wanted)
    const runnable = this.#runnable(ancestors(this.program, kept), kept)
    this.#run(runnable, undefined)
    return new Map([...kept].map((node) => [node, runnable.output(node)]))
  }

  #run(runnable: Runnable, observe: Observer | undefined): void {
    const context = { step: this.#step, seed: this.#seed }
    this.#stepTensor.words[0] = this.#step
    for (const { index, node, inputs, output } of runnable.tasks) {
      this.#backend.run(node, inputs, output, context)
      const corruption = this.#corruption
      if (corruption?.step === this.#step && corruption.node === index)
        output.words[corruption.element] ^= 1 << corruption.bit
      observe?.(index, output)
    }
  }

  #runnable(running: ReadonlySet<number>, kept: ReadonlySet<number>): Runnable {
    const plan = planBuffers(this.program, running, kept)
    return new Runnable(this.program, plan, (node, k) => this.#outside(node.inputs[k], node, k))
  }

  /** The tensor of an input that is not a node's output. */
  #outside(input: Input, node: Node, k: number): Tensor {
    switch (input.kind) {
      case 'state':
        return this.#state[input.ref]
      case 'constant':
        return this.#constants[input.ref]
      case 'step':
        return this.#stepTensor
      case 'immediate':
        return this.#immediate(input.bits, inputWants(node, k).type)
      case 'node':
        throw new Error('outputs of nodes live in buffers')
    }
  }

  #immediate(bits: number, type: DType): Tensor {
    const key = `${type} ${bits}`
    const known = this.#immediates.get(key)
    if (known) return known
    const tensor = new Tensor(type, Int32Array.of(bits))
    this.#immediates.set(key, tensor)
    return tensor
  }
}

/** A corruption that hits nothing would make an honest run that thinks it cheats. */
function checkCorruption(program: Program, corruption: Corruption | undefined): void {
  if (corruption === undefined) return
  const { node, element, bit } = corruption
  const within = (value: number, limit: number): boolean =>
    Number.isInteger(value) && value >= 0 && value < limit
  if (!within(node, program.nodes.length))
    throw new RangeError(`no node ${node} to corrupt, the program has ${program.nodes.length}`)
  const { count } = outputOf(program.nodes[node])
  if (!within(element, count))
    throw new RangeError(`no element ${element} to corrupt, node ${node} has ${count}`)
  if (!within(bit, 32)) throw new RangeError(`no bit ${bit} to corrupt, an element has 32`)
}

interface Task {
  readonly index: number
  readonly node: Node
  readonly inputs: readonly Tensor[]
  readonly output: Tensor
}

/** A plan with its memory. */
class Runnable {
  readonly tasks: readonly Task[]
  readonly #outputs = new Map<number, Tensor>()

  constructor(program: Program, plan: Plan, outside: (node: Node, k: number) => Tensor) {
    const buffers = plan.sizes.map((size) => new Int32Array(size))
    this.tasks = plan.nodes.map((index): Task => {
      const node = program.nodes[index]
      const { type, count } = outputOf(node)
      const buffer = buffers[plan.buffer.get(index) ?? 0]
      const output = new Tensor(type, buffer.subarray(0, count))
      this.#outputs.set(index, output)
      const inputs = node.inputs.map((input, k) =>
        input.kind === 'node' ? this.output(input.ref) : outside(node, k),
      )
      return { index, node, inputs, output }
    })
  }

  output(node: number): Tensor {
    const tensor = this.#outputs.get(node)
    if (tensor === undefined) throw new Error(`node ${node} is not part of this run`)
    return tensor
  }
}
