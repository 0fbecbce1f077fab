import { pow } from '../numbers/pow.ts'
import { defineOp } from './define.ts'

/** a^b, special cases as in C99. */
export const Pow = defineOp({
  name: 'Pow',
  code: 0x13,
  inputs: ['T', 'T'],
  scalar: { f32: pow },
  gradient: ({ inputs: [a, b], output, dy }) => [
    dy.mul(b).mul(a.pow(b.sub(1))),
    dy.mul(output).mul(a.log()),
  ],
})
