import type { NodeBounds } from '../program/checkNode.ts'
import { checkProgram } from '../program/program.ts'
import { SIGNATURES, type Signature } from '../program/signatures.ts'
import type { DType, Input, Node, Program } from '../program/types.ts'
import { inputWants, outputOf, reducedLength, type TensorType } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'
import type { Random } from './Random.ts'
import { randomNode, type Size } from './randomNode.ts'

/** A program with everything that it runs on. */
export interface RandomProgram {
  readonly program: Program
  readonly constants: readonly Tensor[]
  readonly initialState: readonly Tensor[]
  readonly seed: bigint
}

export interface RandomProgramOptions {
  /** Nodes to make on purpose; those that feed them come on top. 12 by default. */
  readonly nodes?: number
  /** Operators to choose from; all by default. Each comes once before any comes twice. */
  readonly operators?: readonly Signature[]
  /** Allows reductions over more than 65,536 elements, which are slow to judge. */
  readonly blocks?: boolean
}

const MAX_COUNT = 6000
const MAX_COUNT_WITH_BLOCKS = 160_000
const MAX_PRODUCTS = 400_000

/** A random well-formed program over all operators, with irregular sizes, and random data for it. */
export function randomProgram(random: Random, options: RandomProgramOptions = {}): RandomProgram {
  const { nodes: wanted = 12, operators = SIGNATURES, blocks = false } = options
  const table = (least: number, most: number): TensorType[] => [
    { type: 'f32', count: random.pick(COUNTS) },
    { type: 'i32', count: random.pick(COUNTS) },
    ...Array.from(
      { length: random.between(least, most) },
      (): TensorType => ({
        type: random.pick<DType>(['f32', 'f32', 'i32']),
        count: random.pick(COUNTS),
      }),
    ),
  ]
  const states = table(1, 4)
  const constants = random.chance(0.8) ? table(0, 2) : []
  const writer = new Writer(random, states, constants, blocks)
  let left: Signature[] = []
  for (let i = 0; i < wanted; i++) {
    if (left.length === 0) left = [...operators]
    const [signature] = left.splice(random.below(left.length), 1)
    writer.add(signature)
  }
  const program: Program = {
    states: states.map((state, i) => ({ ...state, name: `state${i}`, next: writer.nextOf(i) })),
    constants: constants.map((constant, i) => ({ ...constant, name: `constant${i}` })),
    nodes: writer.nodes,
  }
  checkProgram(program)
  const fill = ({ type, count }: TensorType): Tensor =>
    new Tensor(
      type,
      Int32Array.from({ length: count }, () => random.word(type)),
    )
  return {
    program,
    constants: constants.map(fill),
    initialState: states.map(fill),
    seed: (BigInt(random.u32()) << 32n) | BigInt(random.u32()),
  }
}

const COUNTS = [1, 1, 2, 3, 7, 33, 100, 255, 256, 257, 300, 511, 1025]

/** Adds nodes, and whatever it takes to feed them. */
class Writer {
  readonly nodes: Node[] = []
  readonly #random: Random
  readonly #states: readonly TensorType[]
  readonly #constants: readonly TensorType[]
  readonly #blocks: boolean

  constructor(
    random: Random,
    states: readonly TensorType[],
    constants: readonly TensorType[],
    blocks: boolean,
  ) {
    this.#random = random
    this.#states = states
    this.#constants = constants
    this.#blocks = blocks
  }

  add(signature: Signature): void {
    const long = this.#random.chance(0.5)
    const huge = this.#blocks && this.#random.chance(0.5)
    const size: Size = (random, reduced) => {
      if (reduced && huge) return random.between(65_537, 70_000)
      if (reduced && long) return random.pick([256, 257, 300, 512, 1000, 4100, 4500])
      return random.pick([1, 1, 2, 2, 3, 3, 4, 5, 7, 9, 17, 40, 130, 257])
    }
    const limit = huge ? MAX_COUNT_WITH_BLOCKS : MAX_COUNT
    const node = randomNode(
      this.#random,
      signature,
      this.#bounds,
      size,
      (want, consumer, k) => this.#source(want, consumer, k),
      (candidate) => isSmall(candidate, limit),
    )
    this.nodes.push(node)
  }

  /** What state i becomes: a node's output, made to fit, or nothing. */
  nextOf(i: number): number | undefined {
    if (i > 0 && this.#random.chance(0.25)) return undefined
    const fitting = this.nodes.flatMap((node, index) => {
      const { type, count } = outputOf(node)
      return type === this.#states[i].type && count === this.#states[i].count ? index : []
    })
    if (fitting.length > 0 && this.#random.chance(0.7)) return this.#random.pick(fitting)
    return this.#resize(this.#states[i], this.#late(this.#states[i].type))
  }

  /** Live: feeding a node adds others before it. */
  get #bounds(): NodeBounds {
    const { nodes } = this
    const [states, constants] = [this.#states.length, this.#constants.length]
    return {
      states,
      constants,
      get node() {
        return nodes.length
      },
    }
  }

  #source(want: TensorType, consumer: Node, k: number): Input {
    const { form } = consumer
    if (form.family === 'indexed' && want.type === 'i32' && this.#random.chance(0.8))
      return this.#indices(want.count, form.V)
    const fitting = this.#everything().filter(({ tensor }) => same(tensor, want))
    const mixed = k > 0 && consumer.inputs.length > 1 && this.#random.chance(0.3)
    if (fitting.length > 0 && !mixed) return this.#random.pick(fitting).input
    return { kind: 'node', ref: this.#resize(want, this.#any(want.type)) }
  }

  /** Indices most of which are in [0, V). */
  #indices(count: number, V: number): Input {
    const { input, tensor } = this.#any('i32')
    const words = this.#resize({ type: 'i32', count }, { input, tensor })
    const dims = count === 1 ? [] : [count]
    const mask = count === 1 ? 0 : 1
    const apply = (op: string, a: number, bits: number): number =>
      this.nodes.push({
        op,
        type: 'i32',
        inputs: [
          { kind: 'node', ref: a },
          { kind: 'immediate', bits },
        ],
        form: { family: 'elementwise', dims, masks: [mask, 0] },
      }) - 1
    const positive = apply('And', words, 0x7fffffff)
    return { kind: 'node', ref: apply('Rem', positive, this.#random.chance(0.8) ? V : V + 1) }
  }

  /** A Move that brings any tensor to a count. */
  #resize({ type, count }: TensorType, { input, tensor }: Producer): number {
    const coefficient = this.#random.pick([1, 1, 1, -1, 3])
    const reach = (count - 1) * coefficient
    const offset = coefficient < 0 ? Math.min(-reach, tensor.count - 1) : 0
    return (
      this.nodes.push({
        op: 'Move',
        type,
        inputs: [input],
        form: {
          family: 'move',
          inDims: [tensor.count],
          outDims: [count],
          fill: this.#random.word(type),
          axes: [
            { offset, divisor: this.#random.pick([1, 1, 1, 2]), terms: [{ axis: 0, coefficient }] },
          ],
        },
      }) - 1
    )
  }

  #everything(): Producer[] {
    const entry = (kind: 'state' | 'constant') => (tensor: TensorType, ref: number) => ({
      input: { kind, ref },
      tensor,
    })
    return [
      ...this.nodes.map(
        (node, ref): Producer => ({
          input: { kind: 'node', ref },
          tensor: outputOf(node),
        }),
      ),
      ...this.#states.map(entry('state')),
      ...this.#constants.map(entry('constant')),
    ]
  }

  #any(type: DType): Producer {
    const all = this.#everything().filter(({ tensor }) => tensor.type === type)
    const given = all.filter(({ input }) => input.kind !== 'node')
    return this.#random.pick(this.#random.chance(0.6) ? given : all)
  }

  /** One of the last nodes of a type, so that much of the program matters to the next state. */
  #late(type: DType): Producer {
    const all = this.#everything().filter(({ tensor }) => tensor.type === type)
    const nodes = all.filter(({ input }) => input.kind === 'node')
    return nodes.length > 0 ? this.#random.pick(nodes.slice(-4)) : this.#random.pick(all)
  }
}

interface Producer {
  readonly input: Input
  readonly tensor: TensorType
}

const same = (a: TensorType, b: TensorType): boolean => a.type === b.type && a.count === b.count

function isSmall(node: Node, limit: number): boolean {
  const counts = [outputOf(node).count, ...node.inputs.map((_, k) => inputWants(node, k).count)]
  const work = outputOf(node).count * reducedLength(node)
  return counts.every((count) => count <= limit) && work <= Math.max(MAX_PRODUCTS, limit)
}
