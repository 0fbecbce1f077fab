import { defineOp } from './define.ts'

/** Bits of exactly one. */
export const Xor = defineOp({
  name: 'Xor',
  code: 0x23,
  inputs: ['T', 'T'],
  scalar: { i32: (a, b) => a ^ b },
})
