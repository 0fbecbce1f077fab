import { defineOp } from './define.ts'

/** Arithmetic shift right; the count is taken mod 32. */
export const Sar = defineOp({
  name: 'Sar',
  code: 0x26,
  inputs: ['T', 'T'],
  scalar: { i32: (a, b) => a >> b },
})
