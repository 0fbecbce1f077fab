import { add } from '../numbers/arithmetic.ts'
import { addInt } from '../numbers/integers.ts'
import { defineOp } from './define.ts'

/** [R, K] → [R]: the sum over K; f32 segments in 32 lanes, i32 wraps. */
export const ReduceSum = defineOp({
  name: 'ReduceSum',
  code: 0x41,
  family: 'reduce',
  inputs: ['T'],
  combine: { f32: add, i32: addInt },
  gradient: ({ dy }) => [dy.reshape([-1, 1])],
})
