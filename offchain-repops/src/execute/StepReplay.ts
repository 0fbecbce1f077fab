import { toHex, ZERO_HASH, type Hash } from '../commit/hash.ts'
import { MerkleTree } from '../commit/merkle.ts'
import { openRun, tensorRoot, tensorsTree } from '../commit/tensor.ts'
import type { Input } from '../program/types.ts'
import { Tensor } from '../tensor.ts'
import { Execution } from './Execution.ts'
import type { Job, RunOptions } from './Job.ts'
import { operandRuns } from './operandRuns.ts'

/** One operand as the referee takes it (`Operand` in src/repops/IReferee.sol); empty where it is not read. */
export interface OperandOpening {
  readonly root: Hash
  readonly rootProof: readonly Hash[]
  readonly data: `0x${string}`
  readonly proof: readonly Hash[]
}

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
  readonly #execution: () => Execution
  readonly #outputs = new Map<number, Tensor>()
  #stateTree: MerkleTree | undefined
  #constantsTree: MerkleTree | undefined

  constructor(
    job: Job,
    { backend, corruption }: RunOptions,
    step: number,
    before: readonly Tensor[],
  ) {
    const { program, constants, seed } = job
    this.#job = job
    this.step = step
    this.#execution = () =>
      new Execution(program, backend, { state: before, constants, seed, step, corruption })
    const execution = this.#execution()
    const roots: Hash[] = []
    execution.advance((_, output) => roots.push(tensorRoot(output)))
    this.graph = new MerkleTree(roots)
    this.before = before
    this.after = execution.state
  }

  /** Outputs of some nodes. The last ones asked for are kept. */
  outputs(nodes: readonly number[]): readonly Tensor[] {
    const missing = nodes.filter((node) => !this.#outputs.has(node))
    if (missing.length > 0) {
      for (const node of [...this.#outputs.keys()])
        if (!nodes.includes(node)) this.#outputs.delete(node)
      for (const [node, tensor] of this.#execution().outputs(missing))
        this.#outputs.set(node, tensor)
    }
    return nodes.map((node) => this.#outputs.get(node) as Tensor)
  }

  output(node: number): Tensor {
    return this.outputs([node])[0]
  }

  /** The whole tensor that input `k` of a node reads; not for an immediate or the step. */
  operand(node: number, k: number): Tensor {
    return this.#tensor(this.#job.program.nodes[node].inputs[k])
  }

  /** The operands that the referee needs to compute one element, or one segment of its reduction. */
  openOperands(node: number, element: number, segment: number): OperandOpening[] {
    const { inputs } = this.#job.program.nodes[node]
    this.outputs(inputs.flatMap((input) => (input.kind === 'node' ? input.ref : [])))
    const runs = operandRuns(this.#job.program.nodes[node], element, segment, (k, index) => {
      const input = inputs[k]
      if (input.kind === 'immediate') return input.bits
      return input.kind === 'step' ? this.step : this.#tensor(input).words[index]
    })
    return inputs.map((input, k): OperandOpening => {
      const run = runs[k]
      if (run === undefined) return UNREAD
      const { data, proof } = openRun(this.#tensor(input), run.from, run.length)
      const [tree, leaf] = this.#place(input)
      return { root: tree.leaf(leaf), rootProof: tree.open(leaf), data: toHex(data), proof }
    })
  }

  #tensor(input: Input): Tensor {
    switch (input.kind) {
      case 'node':
        return this.output(input.ref)
      case 'state':
        return this.before[input.ref]
      case 'constant':
        return this.#job.constants[input.ref]
      default:
        throw new Error(`an input of kind ${input.kind} has no tensor`)
    }
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
