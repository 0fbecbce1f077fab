import { pow } from '../numbers/pow.ts'
import { defineOp } from './define.ts'

/** a^b, special cases as in C99. */
export const Pow = defineOp({
  name: 'Pow',
  code: 0x13,
  inputs: ['T', 'T'],
  scalar: { f32: pow },
})
