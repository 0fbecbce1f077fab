import { remInt } from '../numbers/integers.ts'
import { defineOp } from './define.ts'

/** Remainder with the sign of the dividend; x%0 = 0, MIN%−1 = 0. */
export const Rem = defineOp({
  name: 'Rem',
  code: 0x20,
  inputs: ['T', 'T'],
  scalar: { i32: remInt },
})
