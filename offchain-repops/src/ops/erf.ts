import { erf } from '../numbers/erf.ts'
import { defineOp } from './define.ts'

/** Error function. */
export const Erf = defineOp({
  name: 'Erf',
  code: 0x10,
  inputs: ['T'],
  scalar: { f32: erf },
})
