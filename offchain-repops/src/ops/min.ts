import { minimum } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** IEEE-754-2019 minimum: a NaN wins, −0 < +0. */
export const Min = defineOp({
  name: 'Min',
  code: 0x09,
  inputs: ['T', 'T'],
  scalar: { f32: minimum, i32: minimum },
  gradient: ({ inputs: [a, b], dy }) => {
    const first = a.le(b)
    return [first.where(dy, 0), first.where(0, dy)]
  },
})
