import type { Instruction, Operand, RowsKernel } from '../../../execute/plan/types.ts'
import { mayWriteOver } from '../../../execute/plan/inPlace.ts'
import { add, maximum } from '../../../numbers/arithmetic.ts'
import { bitsOf } from '../../../numbers/bits.ts'
import { fold, maxSegment, sumIntegers, sumSegment } from '../../../numbers/reduction.ts'
import { slotType } from '../../../ops/define.ts'
import { operatorOf } from '../../../ops/index.ts'
import type { DType } from '../../../program/types.ts'
import { scalarBits } from '../../../referee/judge.ts'
import type { Random } from '../../../testing/Random.ts'
import { Tensor } from '../../../tensor.ts'

/** For tests: operators that kernels of many instructions are made of; the dear ones have vectors of their own. */
const OPERATORS: readonly [op: string, type: DType][] = [
  ['Add', 'f32'], ['Sub', 'f32'], ['Mul', 'f32'], ['Fma', 'f32'], ['Max', 'f32'], ['Neg', 'f32'], ['Lt', 'f32'],
  ['Where', 'f32'], ['Bits', 'f32'], ['Add', 'i32'], ['Xor', 'i32'], ['Eq', 'i32'], ['Unbits', 'i32'],
  ['ReduceSum', 'f32'], ['ReduceMax', 'f32'], ['ReduceSum', 'i32'], ['ReduceMax', 'i32'],
  ['ReduceSum', 'f32'], ['ReduceMax', 'f32'],
] // prettier-ignore

export interface TypedRows extends RowsKernel {
  readonly inputTypes: readonly DType[]
}

/** A random rows kernel of up to six instructions. */
export function randomRows(random: Random): TypedRows {
  const outer = Array.from({ length: random.below(3) }, () => random.between(1, 4))
  const dims = [...outer, random.pick([1, 2, 7, 33, 256, 300, 1000])]
  const inputTypes: DType[] = ['f32', 'i32', ...random.pick([[], ['f32'] as const])]
  const strides = inputTypes.map(() => {
    const varies = dims.map(() => random.chance(0.75))
    let size = 1
    const own = dims.map(() => 0)
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      if (!varies[axis]) continue
      own[axis] = size
      size *= dims[axis]
    }
    return own
  })
  const types = [...inputTypes]
  const operands: Operand[] = inputTypes.map((_, index) => ({ kind: 'input', index }))
  const instructions: Instruction[] = []
  const wanted = random.between(1, 6)
  while (instructions.length < wanted) {
    const [op, type] = random.pick(OPERATORS)
    const { inputs, result } = operatorOf(op)
    const chosen = inputs.map((slot) => {
      const fitting = operands.filter((_, i) => types[i] === slotType(slot, type))
      return random.pick(fitting.slice(-3)) // the youngest, so that chains become long
    })
    const flat = ({ kind, index }: Operand): boolean =>
      kind === 'input' ? strides[index][dims.length - 1] === 0 : instructions[index].perRow
    const reduces = op.startsWith('Reduce')
    if (reduces && flat(chosen[0])) continue
    instructions.push({ op, type, operands: chosen, perRow: reduces || chosen.every(flat) })
    operands.push({ kind: 'instruction', index: instructions.length - 1 })
    types.push(slotType(result, type))
  }
  const last = instructions.length - 1
  const stores = [...new Set([last, random.below(last + 1)])]
  return { kind: 'rows', dims, strides, instructions, stores, inputTypes }
}

/** What a rows kernel writes, one instruction after the other, and which outputs may lie in which inputs' words. */
export function rowsOf(
  kernel: TypedRows,
  inputs: readonly Int32Array[],
): { readonly outputs: Int32Array[]; readonly over: (number | undefined)[] } {
  const { dims, strides, instructions, stores } = kernel
  const length = dims[dims.length - 1]
  const rows = dims.slice(0, -1).reduce((a, b) => a * b, 1)
  const values: Int32Array[] = []
  const word = ({ kind, index }: Operand, row: number, i: number): number => {
    if (kind === 'instruction')
      return values[index][instructions[index].perRow ? row : row * length + i]
    let [left, at] = [row, i * strides[index][dims.length - 1]]
    for (let axis = dims.length - 2; axis >= 0; axis--) {
      at += (left % dims[axis]) * strides[index][axis]
      left = Math.floor(left / dims[axis])
    }
    return inputs[index][at]
  }
  for (const { op, type, operands, perRow } of instructions) {
    const each = perRow ? 1 : length
    const value = new Int32Array(rows * each)
    for (let row = 0; row < rows; row++) {
      if (op.startsWith('Reduce')) {
        const elements = Tensor.zeros(type, length)
        for (let i = 0; i < length; i++) elements.words[i] = word(operands[0], row, i)
        value[row] = reduced(op, elements)
        continue
      }
      for (let i = 0; i < each; i++) {
        const bits = operands.map((operand) => Int32Array.of(word(operand, row, i)))
        value[row * each + i] = scalarBits(operatorOf(op), type, bits)
      }
    }
    values.push(value)
  }
  const taken = new Set<number>()
  const over = stores.map((store, output) => {
    const input = inputs.findIndex(
      (words, k) =>
        !taken.has(k) && words.length === values[store].length && mayWriteOver(kernel, output, k),
    )
    if (input < 0) return undefined
    taken.add(input)
    return input
  })
  return { outputs: stores.map((store) => values[store]), over }
}

/** R_sum or R_max of a whole tensor, as bits. */
export function reduced(op: string, { type, words, floats, count }: Tensor): number {
  if (type === 'i32')
    return op === 'ReduceSum' ? sumIntegers(words, 0, count) : maxSegment(words, 0, count)
  const segment = op === 'ReduceSum' ? sumSegment : maxSegment
  const parts = Array.from({ length: Math.ceil(count / 256) }, (_, s) =>
    segment(floats, 256 * s, Math.min(256, count - 256 * s)),
  )
  return bitsOf(fold(parts, op === 'ReduceSum' ? add : maximum))
}
