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
})
