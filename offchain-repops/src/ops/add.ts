import { add } from '../numbers/arithmetic.ts'
import { addInt } from '../numbers/integers.ts'
import { defineOp } from './define.ts'

/** a + b. */
export const Add = defineOp({
  name: 'Add',
  code: 0x01,
  inputs: ['T', 'T'],
  scalar: { f32: add, i32: addInt },
  gradient: ({ dy }) => [dy, dy],
})
