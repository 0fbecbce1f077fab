import {
  type DType,
  type Form,
  type Input,
  inputWants,
  type Node,
  outputOf,
  type Program,
  type StateEntry,
  Tensor,
} from '@lockstep/repops'
import type { Random } from '@lockstep/repops/testing'

/** A program that takes long for its size in some way, with the state that it starts from. */
export interface SlowProgram {
  readonly name: string
  readonly program: Program
  readonly initialState: readonly Tensor[]
}

/** Words of a tensor, one after the other. */
export type Fill = (index: number) => number

/** Nodes side by side, each on states of its own, and each the next value of another state. */
export class SideBySide {
  readonly #nodes: Node[] = []
  readonly #states: StateEntry[] = []
  readonly #initialState: Tensor[] = []

  /** `fill`: of all inputs but indices, which are below the limit that the form gives. */
  add(op: string, type: DType, form: Form, arity: number, fill?: Fill): this {
    const unfed: Node = { op, type, form, inputs: new Array<Input>(arity).fill({ kind: 'step' }) }
    const inputs = unfed.inputs.map((_, k): Input => {
      const want = inputWants(unfed, k)
      const isIndex = form.family === 'indexed' && k === (op === 'Gather' ? 1 : 0)
      return this.#state(
        want.type,
        want.count,
        isIndex ? (i) => (mixed(i) >>> 1) % form.V : (fill ?? ordinary(want.type)),
      )
    })
    return this.addNode({ ...unfed, inputs })
  }

  addNode(node: Node): this {
    const { type, count } = outputOf(node)
    this.#state(type, count, () => 0, this.#nodes.push(node) - 1)
    return this
  }

  #state(type: DType, count: number, fill: Fill, next?: number): Input {
    const tensor = Tensor.zeros(type, count)
    const made = Math.min(count, PERIOD)
    for (let i = 0; i < made; i++) tensor.words[i] = fill(i)
    for (let done = made; done < count; done *= 2)
      tensor.words.copyWithin(done, 0, Math.min(done, count - done))
    this.#initialState.push(tensor)
    const ref = this.#states.push({ name: `state ${this.#states.length}`, type, count, next }) - 1
    return { kind: 'state', ref }
  }

  named(name: string): SlowProgram {
    const program = { nodes: this.#nodes, states: this.#states, constants: [] }
    return { name, program, initialState: this.#initialState }
  }
}

const PERIOD = 2 ** 15
const mixed = (i: number): number =>
  Math.imul(i + 1, 0x9e3779b1) ^ (Math.imul(i, 0x85ebca6b) >>> 13)
const ordinary = (type: DType): Fill =>
  type === 'i32' ? (i) => mixed(i) >> 12 : (i) => (mixed(i) & 0x80ffffff) | 0x3f000000

export const each = (count: number, arity: number): Form => ({
  family: 'elementwise',
  dims: [count],
  masks: new Array<number>(arity).fill(1),
})

const product = (B: number, M: number, N: number, K: number): Form => ({
  family: 'matmul',
  B,
  M,
  N,
  K,
  xShared: false,
  yShared: false,
})

const transposed = (rows: number, columns: number): Form => ({
  family: 'move',
  inDims: [rows, columns],
  outDims: [columns, rows],
  fill: 0,
  axes: [1, 0].map((axis) => ({ offset: 0, divisor: 1, terms: [{ axis, coefficient: 1 }] })),
})

const leaping = (count: number, coefficient: number, divisor: number): Form => ({
  family: 'move',
  inDims: [count],
  outDims: [count],
  fill: 7,
  axes: [
    {
      offset: coefficient < 0 ? count - 1 : 0,
      divisor,
      terms: [{ axis: 0, coefficient }],
    },
  ],
})

const indexed = (B: number, V: number, R: number, Q: number): Form => ({
  family: 'indexed',
  B,
  V,
  R,
  Q,
})

/** One program for each way in which an estimate could go wrong; `scale` 1 suits a fast backend, 64 one 64 times slower. */
export function slowPrograms(scale: number): SlowProgram[] {
  const size = (count: number): number => Math.max(1, Math.round(count / scale))
  const one = (): SideBySide => new SideBySide()
  const side = Math.round(128 / Math.cbrt(scale))
  const tiny = one()
  for (let i = 0; i < 600; i++)
    tiny.add(i % 2 === 0 ? 'Add' : 'Mul', 'f32', each(1 + (i % 16), 2), 2)
  const subnormal: Fill = (i) => mixed(i) & 0x807fffff
  const functions = ['Exp', 'Log', 'Tanh', 'Erf', 'Sin', 'Cos'] as const
  const special = (name: string, fill: Fill): SlowProgram => {
    const program = one()
    for (const op of functions) program.add(op, 'f32', each(size(2 ** 19), 1), 1, fill)
    return program.add('Pow', 'f32', each(size(2 ** 19), 2), 2, fill).named(name)
  }
  return [
    one()
      .add('MatMul', 'f32', product(1, side, side, side), 2)
      .add('MatMul', 'f32', product(Math.max(2, size(256)), 1, 1, 65536), 2)
      .named('a dense product beside many lone ones'),
    one()
      .add('MatMul', 'f32', product(size(2 ** 20), 2, 3, 5), 2)
      .named('very small products'),
    one()
      .add('MatMul', 'f32', product(1, 1, size(8192), 1024), 2)
      .named('a product of one row'),
    tiny.named('many tiny nodes'),
    one()
      .add('Add', 'f32', { family: 'elementwise', dims: [size(2 ** 20), 16], masks: [3, 2] }, 2)
      .add('Add', 'f32', { family: 'elementwise', dims: [size(2 ** 20), 3], masks: [1, 2] }, 2)
      .add(
        'Mul',
        'f32',
        { family: 'elementwise', dims: [2 ** 10, size(2 ** 12)], masks: [1, 2] },
        2,
      )
      .named('broadcasting'),
    one()
      .add('Move', 'f32', transposed(size(4096), 1024), 1)
      .add('Move', 'f32', transposed(size(2 ** 20), 3), 1)
      .add('Move', 'i32', leaping(size(2 ** 22), 4099, 1), 1)
      .add('Move', 'i32', leaping(size(2 ** 21), -3, 7), 1)
      .named('moves by leaps'),
    one()
      .add('ReduceSum', 'f32', { family: 'reduce', R: 1, K: size(2 ** 24) }, 1)
      .named('one huge sum'),
    one()
      .add('ReduceSum', 'f32', { family: 'reduce', R: size(2 ** 21), K: 3 }, 1)
      .add('ReduceMax', 'f32', { family: 'reduce', R: size(2 ** 15), K: 100 }, 1)
      .named('short rows'),
    one()
      .add('ScatterAdd', 'f32', indexed(1, 3, 8, size(2 ** 17)), 2)
      .add('ScatterAdd', 'f32', indexed(1, size(2 ** 20), 1, size(2 ** 20)), 2)
      .named('scatter'),
    one()
      .add('Gather', 'f32', indexed(1, size(2 ** 23), 1, size(2 ** 20)), 2)
      .add('Gather', 'f32', indexed(size(2 ** 12), 64, 16, 8), 2)
      .named('gather'),
    special('functions of ordinary numbers', ordinary('f32')),
    special('functions of NaN', () => 0x7fc00000),
    special('functions of subnormals', subnormal),
    special(
      'functions of large numbers',
      (i) => (mixed(i) & 0x807fffff) | ((200 + (i % 50)) << 23),
    ),
    one()
      .add('Philox', 'i32', { family: 'generate', N: size(2 ** 21), stream: 3 }, 0)
      .named('Philox'),
    one()
      .add('Abs', 'f32', each(size(12_000_000), 1), 1)
      .named('a large state'),
  ]
}

const UNARY = ['Exp', 'Tanh', 'Sqrt', 'Neg', 'Floor', 'Cos']
const BINARY = ['Add', 'Mul', 'Div', 'Max', 'Lt', 'Pow']

/** Some nodes of random kinds and shapes, each of about `operations`. */
export function randomSlowProgram(random: Random, operations: number, nodes = 5): SlowProgram {
  const program = new SideBySide()
  const upTo = (most: number): number => Math.max(1, Math.floor(most ** (random.below(1000) / 999)))
  const kinds = [
    () => program.add(random.pick(UNARY), 'f32', each(operations, 1), 1),
    () => {
      const inner = Math.max(2, upTo(operations / 2))
      const dims = [Math.max(2, Math.floor(operations / inner)), inner]
      const masks = random.pick([
        [3, 1],
        [3, 2],
        [1, 2],
        [3, 0],
      ])
      program.add(random.pick(BINARY), 'f32', { family: 'elementwise', dims, masks }, 2)
    },
    () => {
      const K = upTo(Math.min(operations, 2 ** 20))
      const R = Math.max(1, Math.floor(operations / K))
      program.add(random.pick(['ReduceSum', 'ReduceMax']), 'f32', { family: 'reduce', R, K }, 1)
    },
    () => {
      const [M, N] = [upTo(300), upTo(300)]
      const K = upTo(Math.max(1, (4 * operations) / (M * N)))
      const B = Math.max(1, Math.floor((4 * operations) / (M * N * K)))
      program.add('MatMul', 'f32', product(B, M, N, K), 2)
    },
    () => {
      const columns = upTo(operations)
      program.add('Move', 'f32', transposed(Math.ceil(operations / columns), columns), 1)
    },
    () => {
      const R = upTo(256)
      const rows = Math.ceil(operations / R)
      program.add(random.pick(['Gather', 'ScatterAdd']), 'f32', indexed(1, upTo(rows), R, rows), 2)
    },
  ]
  for (let i = 0; i < nodes; i++) random.pick(kinds)()
  return program.named('random')
}
