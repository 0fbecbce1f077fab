import { fromInteger } from '../numbers/convert.ts'
import { defineOp } from './define.ts'

/** i32 to f32, to nearest even. */
export const I2F = defineOp({
  name: 'I2F',
  code: 0x35,
  inputs: ['T'],
  result: 'f32',
  scalar: { i32: fromInteger },
})
