import { abs } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** |x|: the sign bit cleared; NaN canonical. */
export const Abs = defineOp({
  name: 'Abs',
  code: 0x08,
  inputs: ['T'],
  scalar: { f32: abs },
  gradient: ({ inputs: [a], dy }) => [a.lt(0).where(dy.neg(), dy)],
})
