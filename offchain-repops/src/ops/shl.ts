import { defineOp } from './define.ts'

/** Shift left; the count is taken mod 32, as ECMAScript does. */
export const Shl = defineOp({
  name: 'Shl',
  code: 0x24,
  inputs: ['T', 'T'],
  scalar: { i32: (a, b) => a << b },
})
