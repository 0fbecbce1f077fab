import { maximum } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** [R, K] → [R]: the IEEE-754-2019 maximum over K. */
export const ReduceMax = defineOp({
  name: 'ReduceMax',
  code: 0x42,
  family: 'reduce',
  inputs: ['T'],
  combine: { f32: maximum, i32: maximum },
  gradient: ({ inputs: [x], output, dy }) => [
    x.eq(output.reshape([-1, 1])).where(dy.reshape([-1, 1]), 0),
  ],
})
