import { div } from '../numbers/arithmetic.ts'
import { divInt } from '../numbers/integers.ts'
import { defineOp } from './define.ts'

/** a / b. i32 truncates; x/0 = 0, MIN/−1 = MIN. */
export const Div = defineOp({
  name: 'Div',
  code: 0x04,
  inputs: ['T', 'T'],
  scalar: { f32: div, i32: divInt },
  gradient: ({ inputs: [, b], output, dy }) => {
    const da = dy.div(b)
    return [da, da.mul(output).neg()]
  },
})
