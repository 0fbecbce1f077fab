import { defineOp } from './define.ts'

/** Logical shift right; the count is taken mod 32. */
export const Shr = defineOp({
  name: 'Shr',
  code: 0x25,
  inputs: ['T', 'T'],
  scalar: { i32: (a, b) => (a >>> b) | 0 },
})
