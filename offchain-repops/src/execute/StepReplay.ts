import { toHex, ZERO_HASH, type Hash } from '../commit/hash.ts'
import { MerkleTree } from '../commit/merkle.ts'
import { openRun, tensorsTree } from '../commit/tensor.ts'
import type { Input } from '../program/types.ts'
import type { Tensor } from '../tensor.ts'
import { start, type Job, type RunOptions } from './Job.ts'
import { operandRuns } from './operandRuns.ts'

/** One operand as the referee takes it (`Operand` in src/repops/IReferee.sol); empty where it is not read. */
export interface OperandOpening {
  readonly root: Hash
  readonly rootProof: readonly Hash[]
  readonly data: `0x${string}`
  readonly proof: readonly Hash[]
}

/** Runs what a replay computes when its turn comes, with the options that hold then. */
export type Turns = <T>(task: (options: RunOptions) => Promise<T>) => Promise<T>

/**
 * One step, replayed: the roots of all node outputs, hashed as they are made and not kept, and any output
 * again by running only what it depends on.
 */
export class StepReplay {
  readonly step: number
  /** The tree over the outputs of all nodes. */
  readonly graph: MerkleTree
  readonly before: readonly Tensor[]
  readonly after: readonly Tensor[]
  readonly #job: Job
  readonly #turns: Turns
  readonly #outputs = new Map<number, Tensor>()
  /** Runs go one after the other. */
  #running: Promise<unknown> = Promise.resolve()
  #stateTree: MerkleTree | undefined
  #constantsTree: MerkleTree | undefined

  /** `turns`: for the outputs that are asked for later; at once and with the same options by default. */
  static async create(
    job: Job,
    options: RunOptions,
    step: number,
    before: readonly Tensor[],
    turns: Turns = (task) => task(options),
  ): Promise<StepReplay> {
    const execution = start(job, options, step, before)
    try {
      const graph = new MerkleTree(await execution.advanceCommitting())
      return new StepReplay(job, turns, step, graph, before, await execution.state())
    } finally {
      await execution.close()
    }
  }

  private constructor(
    job: Job,
    turns: Turns,
    step: number,
    graph: MerkleTree,
    before: readonly Tensor[],
    after: readonly Tensor[],
  ) {
    this.#job = job
    this.#turns = turns
    this.step = step
    this.graph = graph
    this.before = before
    this.after = after
  }

  /** Outputs of some nodes. The last ones asked for are kept. */
  outputs(nodes: readonly number[]): Promise<readonly Tensor[]> {
    const result = this.#running.then(() => this.#compute(nodes))
    this.#running = result.catch(() => undefined)
    return result
  }

  async #compute(nodes: readonly number[]): Promise<readonly Tensor[]> {
    const missing = nodes.filter((node) => !this.#outputs.has(node))
    if (missing.length > 0) {
      for (const node of [...this.#outputs.keys()])
        if (!nodes.includes(node)) this.#outputs.delete(node)
      const found = await this.#turns((options) =>
        start(this.#job, options, this.step, this.before).outputs(missing),
      )
      for (const [node, tensor] of found) this.#outputs.set(node, tensor)
    }
    return nodes.map((node) => this.#outputs.get(node) as Tensor)
  }

  async output(node: number): Promise<Tensor> {
    return (await this.outputs([node]))[0]
  }

  /** The whole tensors that a node reads; undefined for an immediate and the step. */
  async operands(node: number): Promise<(Tensor | undefined)[]> {
    const { inputs } = this.#job.program.nodes[node]
    const nodes = inputs.flatMap((input) => (input.kind === 'node' ? input.ref : []))
    const outputs = await this.outputs(nodes)
    return inputs.map((input) => {
      if (input.kind === 'node') return outputs[nodes.indexOf(input.ref)]
      if (input.kind === 'state') return this.before[input.ref]
      return input.kind === 'constant' ? this.#job.constants[input.ref] : undefined
    })
  }

  /** The operands that the referee needs to compute one element, or one segment of its reduction. */
  async openOperands(node: number, element: number, segment: number): Promise<OperandOpening[]> {
    const { inputs } = this.#job.program.nodes[node]
    const tensors = await this.operands(node)
    const runs = operandRuns(this.#job.program.nodes[node], element, segment, (k, index) => {
      const input = inputs[k]
      if (input.kind === 'immediate') return input.bits
      return tensors[k]?.words[index] ?? this.step
    })
    return inputs.map((input, k): OperandOpening => {
      const run = runs[k]
      const tensor = tensors[k]
      if (run === undefined || tensor === undefined) return UNREAD
      const { data, proof } = openRun(tensor, run.from, run.length)
      const [tree, leaf] = this.#place(input)
      return { root: tree.leaf(leaf), rootProof: tree.open(leaf), data: toHex(data), proof }
    })
  }

  /** The tree in which an input's tensor is committed, and its leaf. */
  #place(input: Input): [tree: MerkleTree, leaf: number] {
    switch (input.kind) {
      case 'node':
        return [this.graph, input.ref]
      case 'state':
        return [(this.#stateTree ??= tensorsTree(this.before)), input.ref]
      case 'constant':
        this.#constantsTree ??= tensorsTree(this.#job.constants)
        return [this.#constantsTree, input.ref]
      default:
        throw new Error(`an input of kind ${input.kind} has no tree`)
    }
  }
}

const UNREAD: OperandOpening = { root: ZERO_HASH, rootProof: [], data: '0x', proof: [] }
