import { mul } from '../numbers/arithmetic.ts'
import { mulInt } from '../numbers/integers.ts'
import { defineOp } from './define.ts'

/** a · b. */
export const Mul = defineOp({
  name: 'Mul',
  code: 0x03,
  inputs: ['T', 'T'],
  scalar: { f32: mul, i32: mulInt },
  gradient: ({ inputs: [a, b], dy }) => [dy.mul(b), dy.mul(a)],
})
