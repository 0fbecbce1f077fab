import type { Instruction, Kernel, MatrixStrides, Task } from '../../execute/plan/types.ts'
import { operatorOf } from '../../ops/index.ts'
import type { DType } from '../../program/types.ts'

const KINDS: readonly Kernel['kind'][] = [
  'rows',
  'columns',
  'matmul',
  'move',
  'concat',
  'indexed',
  'generate',
  'copy',
]

/**
 * A task as the C++ engine reads it (native/engine/decode.cc): kind, whether it commits, its slots, then the
 * fields of the kernel in their order. A list is its length and its elements.
 */
export function encodeTask({ kernel, inputs, outputs, commit }: Task): Float64Array {
  return Float64Array.from([
    KINDS.indexOf(kernel.kind),
    commit ? 1 : 0,
    ...list(inputs),
    ...list(outputs),
    ...fields(kernel),
  ])
}

function fields(kernel: Kernel): number[] {
  switch (kernel.kind) {
    case 'rows':
      return [
        ...list(kernel.dims),
        ...kernel.strides.flatMap(list),
        kernel.instructions.length,
        ...kernel.instructions.flatMap(instruction),
        ...kernel.stores,
      ]
    case 'columns':
      return [code(kernel.op), type(kernel.type), kernel.O, kernel.K, kernel.I]
    case 'matmul':
      return [
        ...list(kernel.batch),
        kernel.M,
        kernel.N,
        kernel.K,
        ...[kernel.x, kernel.y, kernel.out].flatMap(strides),
      ]
    case 'move': {
      const { inDims, outDims, fill, axes } = kernel.form
      return [
        ...list(inDims),
        ...list(outDims),
        fill,
        axes.length,
        ...axes.flatMap(({ offset, divisor, terms }) => [
          offset,
          divisor,
          terms.length,
          ...terms.flatMap(({ axis, coefficient }) => [axis, coefficient]),
        ]),
      ]
    }
    case 'concat':
      return [kernel.O, kernel.I, ...list(kernel.sizes)]
    case 'indexed':
      return [code(kernel.op), type(kernel.type), kernel.B, kernel.V, kernel.R, kernel.Q]
    case 'generate':
      return [code(kernel.op), kernel.N, kernel.stream]
    case 'copy':
      return [kernel.count]
  }
}

const list = (elements: readonly number[]): number[] => [elements.length, ...elements]
const code = (op: string): number => operatorOf(op).code
const type = (name: DType): number => (name === 'f32' ? 0 : 1)

const strides = ({ batch, row, column }: MatrixStrides): number[] => [...list(batch), row, column]

function instruction({ op, type: operandType, operands, perRow }: Instruction): number[] {
  const numbers = operands.map(({ kind, index }) => (kind === 'input' ? index : -1 - index))
  return [code(op), type(operandType), perRow ? 1 : 0, ...list(numbers)]
}
