import type { Value } from '../build/Value.ts'
import { add } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/**
 * [B or 1, M, K] × [B or 1, N, K] → [B, M, N]: both operands are contracted over their last axis, each
 * segment by a chain of fma from +0.
 */
export const MatMul = defineOp({
  name: 'MatMul',
  code: 0x40,
  family: 'matmul',
  inputs: ['T', 'T'],
  combine: { f32: add },
  gradient: ({ inputs: [x, y], dy }) => {
    const [B, M, N] = dy.shape
    const K = x.dim(-1)
    // A factor that all of the batch shares is contracted over batch and rows at once.
    const flat = (value: Value, rows: number): Value =>
      value.expand([B, rows, value.dim(-1)]).reshape([1, B * rows, value.dim(-1)])
    const dx =
      x.dim(0) === B
        ? dy.matmulT(y.transposeLast().expand([B, K, N]))
        : dy
            .transpose([1, 0, 2])
            .reshape([M, B * N])
            .matmulT(
              flat(y, N)
                .transposeLast()
                .reshape([K, B * N]),
            )
    const dyT = dy.transposeLast()
    const dyy =
      y.dim(0) === B
        ? dyT.matmulT(x.transposeLast().expand([B, K, M]))
        : dy
            .reshape([B * M, N])
            .transposeLast()
            .matmulT(
              flat(x, M)
                .transposeLast()
                .reshape([K, B * M]),
            )
    return [dx.reshape(x.shape), dyy.reshape(y.shape)]
  },
})
