import { fma } from '../numbers/fma.ts'
import { defineOp } from './define.ts'

/** a · b + c, rounded once. */
export const Fma = defineOp({
  name: 'Fma',
  code: 0x06,
  inputs: ['T', 'T', 'T'],
  scalar: { f32: fma },
  gradient: ({ inputs: [a, b], dy }) => [dy.mul(b), dy.mul(a), dy],
})
