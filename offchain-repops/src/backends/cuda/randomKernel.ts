import type {
  Instruction,
  Kernel,
  MatrixStrides,
  Operand,
  RowsKernel,
} from '../../execute/plan/types.ts'
import { OPERATORS, operatorOf } from '../../ops/index.ts'
import { slotType } from '../../ops/define.ts'
import type { DType } from '../../program/types.ts'
import { computeNode } from '../reference/computeNode.ts'
import { Tensor } from '../../tensor.ts'
import type { Random } from '../../testing/Random.ts'

/** A kernel with data, and what it computes by definition: node by node, every tensor made dense first. */
export interface RandomKernel {
  readonly kernel: Kernel
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

const context = { step: 0, seed: 0n }
const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1)

/** Often ordinary numbers only: among many words of any kind there is a NaN, and a long sum would show nothing else. */
function randomTensor(random: Random, type: DType, count: number): Tensor {
  if (type === 'f32' && random.chance(0.75))
    return Tensor.f32(
      Float32Array.from({ length: count }, () => random.below(2 ** 24) / 2 ** 23 - 1),
    )
  return new Tensor(
    type,
    Int32Array.from({ length: count }, () => random.word(type)),
  )
}

/** Words that a walk over `dims` with `strides` reads, in row-major order. */
function walk(words: Int32Array, dims: readonly number[], strides: readonly number[]): Int32Array {
  return Int32Array.from({ length: product(dims) }, (_, e) => {
    let at = 0
    let rest = e
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += (rest % dims[axis]) * strides[axis]
      rest = Math.floor(rest / dims[axis])
    }
    return words[at]
  })
}

const reach = (dims: readonly number[], strides: readonly number[]): number =>
  dims.reduce((most, dim, axis) => most + (dim - 1) * strides[axis], 1)

// --- rows ---

interface Value {
  readonly operand: Operand
  readonly type: DType
  readonly perRow: boolean
  /** One word for each element, or each row. */
  readonly dense: Tensor
}

/** A `rows` kernel of some instructions; `reduces` allows reductions among them. */
export function randomRows(
  random: Random,
  size: { readonly instructions: number; readonly length: number; readonly reduces: boolean },
): RandomKernel {
  const { length } = size
  const most = length > 500 ? 2 : 5
  const outer = Array.from({ length: random.below(4) }, () => random.between(1, most))
  const dims = [...outer, length]
  const rows = product(outer)
  const inputs: Tensor[] = []
  const strides: number[][] = []
  const values: Value[] = []
  const addInput = (type: DType): void => {
    const own = randomStrides(random, dims)
    const perRow = own[own.length - 1] === 0
    const tensor = randomTensor(random, type, reach(dims, own))
    const walked = perRow ? dims.slice(0, -1) : dims
    const operand: Operand = { kind: 'input', index: inputs.push(tensor) - 1 }
    strides.push(own)
    values.push({ operand, type, perRow, dense: new Tensor(type, walk(tensor.words, walked, own)) })
  }
  for (const type of ['f32', 'f32', 'i32', 'f32', 'i32'] as const) addInput(type)

  const instructions: Instruction[] = []
  const results: Value[] = []
  while (instructions.length < size.instructions) {
    const reduction = size.reduces && random.chance(0.2)
    const op = random.pick(
      OPERATORS.filter(({ family }) => family === (reduction ? 'reduce' : 'elementwise')),
    )
    const type = random.pick(op.types)
    const recent = random.chance(0.6) ? values.slice(-4) : values
    const operands = op.inputs.map((slot) => {
      const wanted = slotType(slot, type)
      const of = (some: readonly Value[]): Value[] =>
        some.filter((value) => value.type === wanted && !(reduction && value.perRow))
      const found = of(recent).length > 0 ? of(recent) : of(values)
      return found.length > 0 ? random.pick(found) : undefined
    })
    const chosen = operands.filter((value) => value !== undefined)
    if (chosen.length < operands.length) continue
    const perRow = reduction || chosen.every((value) => value.perRow)
    const count = perRow ? rows : rows * length
    const dense = Tensor.zeros(slotType(op.result, type), count)
    const expanded = chosen.map((value) =>
      value.perRow && !perRow
        ? new Tensor(
            value.type,
            dense.words.map((_, e) => value.dense.words[Math.floor(e / length)]),
          )
        : value.dense,
    )
    const form = reduction
      ? ({ family: 'reduce', R: rows, K: length } as const)
      : ({ family: 'elementwise', dims: [count], masks: chosen.map(() => 1) } as const)
    computeNode({ op: op.name, type, inputs: [], form }, expanded, dense, context)
    const operand: Operand = {
      kind: 'instruction',
      index:
        instructions.push({ op: op.name, type, operands: chosen.map((v) => v.operand), perRow }) -
        1,
    }
    const result: Value = { operand, type: dense.type, perRow, dense }
    values.push(result)
    results.push(result)
  }
  const stored = results.filter((_, i) => i === results.length - 1 || random.chance(0.3))
  const kernel: RowsKernel = {
    kind: 'rows',
    dims,
    strides,
    instructions,
    stores: stored.map(({ operand }) => operand.index),
  }
  return { kernel, inputs, outputs: stored.map(({ dense }) => dense) }
}

/** Dense, broadcast along some axes, one word a row, or with the outer axes exchanged. */
function randomStrides(random: Random, dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(0)
  const axes = dims.map((_, axis) => axis)
  const outer = axes.slice(0, -1)
  if (random.chance(0.3)) outer.reverse()
  const varies = random.pick([
    (): boolean => true,
    (): boolean => true,
    (): boolean => random.chance(0.5),
  ])
  let size = 1
  for (const axis of [dims.length - 1, ...outer.reverse()]) {
    const isLast = axis === dims.length - 1
    if (isLast ? random.chance(0.25) : !varies()) continue
    strides[axis] = size
    size *= dims[axis]
  }
  return strides
}

// --- matrix products ---

export interface MatMulSize {
  readonly batch: readonly number[]
  readonly M: number
  readonly N: number
  readonly K: number
}

/** A product whose operands and result lie row after row, column after column, or with gaps. */
export function randomMatMul(random: Random, { batch, M, N, K }: MatMulSize): RandomKernel {
  const x = randomMatrix(random, batch, M, K, true)
  const y = randomMatrix(random, batch, N, K, true)
  const out = randomMatrix(random, batch, M, N, false)
  const of = ({ batch: outer, row, column }: MatrixStrides): number[] => [...outer, row, column]
  const operand = (strides: MatrixStrides, rows: number): { stored: Tensor; dense: Tensor } => {
    const dims = [...batch, rows, K]
    const stored = randomTensor(random, 'f32', reach(dims, of(strides)))
    return { stored, dense: new Tensor('f32', walk(stored.words, dims, of(strides))) }
  }
  const [left, right] = [operand(x, M), operand(y, N)]
  const B = product(batch)
  const dense = Tensor.zeros('f32', B * M * N)
  const form = { family: 'matmul', B, M, N, K, xShared: false, yShared: false } as const
  computeNode(
    { op: 'MatMul', type: 'f32', inputs: [], form },
    [left.dense, right.dense],
    dense,
    context,
  )
  const outDims = [...batch, M, N]
  const places = walk(
    Int32Array.from({ length: reach(outDims, of(out)) }, (_, i) => i),
    outDims,
    of(out),
  )
  const result = Tensor.zeros('f32', places.length)
  places.forEach((place, e) => (result.words[place] = dense.words[e]))
  return {
    kernel: { kind: 'matmul', batch, M, N, K, x, y, out },
    inputs: [left.stored, right.stored],
    outputs: [result],
  }
}

/** Strides of [batch, rows, columns], of which the batch may be shared where `reads`. */
function randomMatrix(
  random: Random,
  batch: readonly number[],
  rows: number,
  columns: number,
  reads: boolean,
): MatrixStrides {
  const strides = new Array<number>(batch.length).fill(0)
  const matrix = { row: 0, column: 0 }
  // From the innermost axis outwards: heads between rows, as attention has them, now and then.
  const between = random.chance(0.3)
  const order = random.pick([
    ['column', 'row'],
    ['column', 'row'],
    ['row', 'column'],
  ] as const)
  let size = 1
  matrix[order[0]] = size
  size *= order[0] === 'row' ? rows : columns
  const addBatch = (): void => {
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      if (reads && random.chance(0.2)) continue
      strides[axis] = size
      size *= batch[axis]
    }
  }
  if (between) addBatch()
  if (reads && random.chance(0.3)) size = Math.ceil(size / 4) * 4 // a gap, after which rows are aligned
  matrix[order[1]] = size
  size *= order[1] === 'row' ? rows : columns
  if (!between) addBatch()
  return { batch: strides, ...matrix }
}

/** x [O, K, I] reduced over K. */
export function randomColumns(random: Random, O: number, K: number, I: number): RandomKernel {
  const op = random.pick(['ReduceSum', 'ReduceMax'] as const)
  const type = random.pick(operatorOf(op).types)
  const x = randomTensor(random, type, O * K * I)
  const turned = new Tensor(type, walk(x.words, [O, I, K], [K * I, 1, I]))
  const out = Tensor.zeros(type, O * I)
  computeNode(
    { op, type, inputs: [], form: { family: 'reduce', R: O * I, K } },
    [turned],
    out,
    context,
  )
  return { kernel: { kind: 'columns', op, type, O, K, I }, inputs: [x], outputs: [out] }
}
