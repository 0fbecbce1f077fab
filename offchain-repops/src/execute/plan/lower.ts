import type { DType, ElementwiseForm, MatMulForm, Node } from '../../program/types.ts'
import { rowMajor } from './axes.ts'
import type { Kernel, MatMulKernel, Operand, RowsKernel } from './types.ts'

/** The kernel that computes one node alone. Its inputs are the node's, in order; its output is the node's. */
export function lower(node: Node): Kernel {
  const { op, type, form } = node
  switch (form.family) {
    case 'elementwise':
      return lowerElementwise(op, type, form)
    case 'reduce':
      return {
        kind: 'rows',
        dims: [form.R, form.K],
        strides: [[form.K, 1]],
        instructions: [{ op, type, operands: [{ kind: 'input', index: 0 }], perRow: true }],
        stores: [0],
      }
    case 'matmul':
      return lowerMatMul(form)
    case 'indexed': {
      const { B, V, R, Q } = form
      return { kind: 'indexed', op: op as 'Gather' | 'ScatterAdd', type, B, V, R, Q }
    }
    case 'move':
      return { kind: 'move', form }
    case 'concat': {
      const { O, I, sizes } = form
      return { kind: 'concat', O, I, sizes }
    }
    case 'generate': {
      const { N, stream } = form
      return { kind: 'generate', op: op as 'Iota' | 'Philox', N, stream }
    }
  }
}

function lowerElementwise(op: string, type: DType, { dims, masks }: ElementwiseForm): RowsKernel {
  const operands = masks.map((_, index): Operand => ({ kind: 'input', index }))
  return {
    kind: 'rows',
    dims: dims.length === 0 ? [1] : dims,
    strides: masks.map((mask) =>
      dims.length === 0 ? [0] : rowMajor(dims, mask).map(({ stride }) => stride),
    ),
    instructions: [{ op, type, operands, perRow: false }],
    stores: [0],
  }
}

function lowerMatMul({ B, M, N, K, xShared, yShared }: MatMulForm): MatMulKernel {
  const batch = (words: number, shared: boolean): number[] => (B === 1 ? [] : [shared ? 0 : words])
  return {
    kind: 'matmul',
    batch: B === 1 ? [] : [B],
    M,
    N,
    K,
    x: { batch: batch(M * K, xShared), row: K, column: 1 },
    y: { batch: batch(N * K, yShared), row: K, column: 1 },
    out: { batch: batch(M * N, false), row: N, column: 1 },
  }
}
