import { toInteger } from '../numbers/convert.ts'
import { defineOp } from './define.ts'

/** f32 to i32: truncates, saturates; NaN gives 0. */
export const F2I = defineOp({
  name: 'F2I',
  code: 0x34,
  inputs: ['T'],
  result: 'i32',
  scalar: { f32: toInteger },
})
