import { defineOp } from './define.ts'

/** Bits of either. */
export const Or = defineOp({
  name: 'Or',
  code: 0x22,
  inputs: ['T', 'T'],
  scalar: { i32: (a, b) => a | b },
})
