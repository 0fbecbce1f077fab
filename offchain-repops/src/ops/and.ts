import { defineOp } from './define.ts'

/** Bits of both. */
export const And = defineOp({
  name: 'And',
  code: 0x21,
  inputs: ['T', 'T'],
  scalar: { i32: (a, b) => a & b },
})
