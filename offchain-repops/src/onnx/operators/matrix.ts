import { broadcastShapes } from '../../build/shapes.ts'
import type { Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call, Lowering } from '../Call.ts'
import { transposeLast } from '../places.ts'
import { einsum } from './einsum.ts'

/** An operand whose last two axes are exchanged; of a constant the exchanged copy is kept. */
function exchanged(call: Call, index: number): Value {
  call.wantFloat(index)
  return call.folded([index], ([x]) => transposeLast(x))
}

/** NumPy's product: [.., M, K] · [.., K, N], leading axes broadcast, vectors are a row or a column. */
function matmul(call: Call): Value {
  const x = call.floatValue(0)
  const y = call.shape(1)
  const rowVector = x.rank === 1
  const columnVector = y.length === 1
  const left = rowVector ? x.reshape([1, -1]) : x
  const right = columnVector ? call.floatValue(1).reshape([1, -1]) : exchanged(call, 1)
  const result = broadcastProduct(left, right)
  const shape = [...result.shape]
  if (columnVector) shape.pop()
  if (rowVector) shape.splice(columnVector ? -1 : -2, 1)
  return result.reshape(shape)
}

/** [.., M, K] · [.., N, K] → [.., M, N]; leading axes broadcast. */
export function broadcastProduct(x: Value, yT: Value): Value {
  const [lead, yLead] = [x.shape.slice(0, -2), yT.shape.slice(0, -2)]
  const both = broadcastShapes([lead, yLead])
  const tail = (value: Value): number[] => value.shape.slice(-2)
  const shape = [...both, x.dim(-2), yT.dim(-2)]
  if (product(yLead) === 1) return x.matmulT(yT.reshape(tail(yT))).reshape(shape)
  if (product(lead) === 1) return x.reshape(tail(x)).matmulT(yT).reshape(shape)
  return x
    .expand([...both, ...tail(x)])
    .matmulT(yT.expand([...both, ...tail(yT)]))
    .reshape(shape)
}

/** alpha · A' · B' + beta · C. */
function gemm(call: Call): Value {
  const [alpha, beta] = [call.float('alpha', 1), call.float('beta', 1)]
  const a = call.floatValue(0)
  const left = call.flag('transA') ? transposeLast(a) : a
  const right = call.flag('transB') ? call.floatValue(1) : exchanged(call, 1)
  const y = left.matmulT(right)
  if (!call.has(2) || beta === 0) return alpha === 1 ? y : y.mul(alpha)
  const c = call.floatValue(2)
  const bias = beta === 1 ? c : c.mul(beta)
  return alpha === 1 ? y.add(bias) : y.fma(alpha, bias)
}

/** Matrix products. */
export const matrix: Readonly<Record<string, Lowering>> = {
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matmul,
}
