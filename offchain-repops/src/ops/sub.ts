import { sub } from '../numbers/arithmetic.ts'
import { subInt } from '../numbers/integers.ts'
import { defineOp } from './define.ts'

/** a − b. */
export const Sub = defineOp({
  name: 'Sub',
  code: 0x02,
  inputs: ['T', 'T'],
  scalar: { f32: sub, i32: subInt },
  gradient: ({ dy }) => [dy, dy.neg()],
})
