import { maximum } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** IEEE-754-2019 maximum: a NaN wins, −0 < +0. */
export const Max = defineOp({
  name: 'Max',
  code: 0x0a,
  inputs: ['T', 'T'],
  scalar: { f32: maximum, i32: maximum },
  gradient: ({ inputs: [a, b], dy }) => {
    const first = b.le(a)
    return [first.where(dy, 0), first.where(0, dy)]
  },
})
