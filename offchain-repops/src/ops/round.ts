import { roundEven } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** To the nearest integer, ties to even; keeps the sign of zero. */
export const Round = defineOp({
  name: 'Round',
  code: 0x0c,
  inputs: ['T'],
  scalar: { f32: roundEven },
})
