import { defineOp } from './define.ts'

/** The f32 with the pattern of an i32. */
export const Unbits = defineOp({
  name: 'Unbits',
  code: 0x37,
  inputs: ['T'],
  result: 'f32',
  copies: true,
  scalar: { i32: (x) => x },
})
