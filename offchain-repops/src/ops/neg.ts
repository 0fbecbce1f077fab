import { neg } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** −x: the sign bit flipped; NaN canonical. */
export const Neg = defineOp({
  name: 'Neg',
  code: 0x07,
  inputs: ['T'],
  scalar: { f32: neg },
  gradient: ({ dy }) => [dy.neg()],
})
