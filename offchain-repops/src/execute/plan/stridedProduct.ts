import type { MatMulForm } from '../../program/types.ts'
import { type Axis, collapse, cut, cutsOf, extentsOf, rowMajor, stridesOf } from './axes.ts'
import type { MatMulKernel, MatrixStrides } from './types.ts'

/** How a matrix product walks through the words of its operands and of its result. */
export interface ProductWalks {
  readonly operands: readonly (readonly Axis[])[]
  readonly out: readonly Axis[]
}

/** The walks of a product whose tensors lie as they are. */
export function plainWalks({ B, M, N, K, xShared, yShared }: MatMulForm): ProductWalks {
  return {
    operands: [rowMajor(xShared ? [M, K] : [B, M, K]), rowMajor(yShared ? [N, K] : [B, N, K])],
    out: rowMajor([B, M, N]),
  }
}

/** The kernel of a product with these walks; undefined where rows or columns are not evenly spaced. */
export function stridedProduct(
  { B, M, N, K, xShared, yShared }: MatMulForm,
  { operands, out: outWalk }: ProductWalks,
): MatMulKernel | undefined {
  const x = matrixOf(operands[0], xShared ? 1 : B, M, K)
  const y = matrixOf(operands[1], yShared ? 1 : B, N, K)
  const out = matrixOf(outWalk, B, M, N)
  if (x === undefined || y === undefined || out === undefined) return undefined
  const cuts = [x, y, out].flatMap(({ batches }) => cutsOf(batches))
  const batch = extentsOf(B, cuts)
  if (batch === undefined) return undefined
  const strides = (matrix: Matrix, shared: boolean): MatrixStrides | undefined => {
    const walk = shared ? [{ extent: B, stride: 0 }] : matrix.batches
    const found = stridesOf(walk, batch)
    return found && { batch: found, row: matrix.row, column: matrix.column }
  }
  const [xs, ys, outs] = [strides(x, xShared), strides(y, yShared), strides(out, false)]
  if (xs === undefined || ys === undefined || outs === undefined) return undefined
  return { kind: 'matmul', batch, M, N, K, x: xs, y: ys, out: outs }
}

interface Matrix {
  readonly batches: readonly Axis[]
  readonly row: number
  readonly column: number
}

/** A walk over `batches` matrices as one over batches, rows and columns. */
function matrixOf(
  walk: readonly Axis[],
  batches: number,
  rows: number,
  columns: number,
): Matrix | undefined {
  const parts = cut(walk, [batches, rows, columns])
  if (parts === undefined || parts[1].length > 1 || parts[2].length > 1) return undefined
  const [batch, row, column] = parts
  return { batches: collapse(batch), row: strideOf(row), column: strideOf(column) }
}

const strideOf = (part: readonly Axis[]): number => part.at(0)?.stride ?? 0
