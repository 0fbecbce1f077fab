import { defineOp } from './define.ts'

/** The pattern of an f32 as an i32. */
export const Bits = defineOp({
  name: 'Bits',
  code: 0x36,
  inputs: ['T'],
  result: 'i32',
  copies: true,
  scalar: { f32: (x) => x },
})
