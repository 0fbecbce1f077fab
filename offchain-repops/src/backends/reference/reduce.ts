import { add } from '../../numbers/arithmetic.ts'
import { fold, maxSegment, SEGMENT, sumIntegers, sumSegment } from '../../numbers/reduction.ts'
import type { ReduceForm } from '../../program/types.ts'
import type { Tensor } from '../../tensor.ts'

/** x [R, K] → output [R]: R_sum over K. */
export function reduceSum({ R, K }: ReduceForm, x: Tensor, output: Tensor): void {
  for (let r = 0; r < R; r++) {
    if (x.type === 'i32') output.words[r] = sumIntegers(x.words, r * K, K)
    else output.floats[r] = sumRow(x.floats, r * K, K)
  }
}

function sumRow(x: Float32Array, at: number, K: number): number {
  if (K <= SEGMENT) return sumSegment(x, at, K)
  const parts: number[] = []
  for (let k = 0; k < K; k += SEGMENT) {
    parts.push(sumSegment(x, at + k, Math.min(SEGMENT, K - k)))
  }
  return fold(parts, add)
}

/** x [R, K] → output [R]: the maximum over K, which needs no segments. */
export function reduceMax({ R, K }: ReduceForm, x: Tensor, output: Tensor): void {
  const values = x.type === 'i32' ? x.words : x.floats
  const out = x.type === 'i32' ? output.words : output.floats
  for (let r = 0; r < R; r++) out[r] = maxSegment(values, r * K, K)
}
