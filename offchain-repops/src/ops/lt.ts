import { defineOp } from './define.ts'

/** a < b; false where an operand is a NaN. */
export const Lt = defineOp({
  name: 'Lt',
  code: 0x31,
  inputs: ['T', 'T'],
  result: 'i32',
  scalar: { f32: (a, b) => (a < b ? 1 : 0), i32: (a, b) => (a < b ? 1 : 0) },
})
