import { erf } from '../numbers/erf.ts'
import { defineOp } from './define.ts'

/** 2/√π, the slope of erf at 0. */
const TWO_BY_ROOT_PI = 1.1283791670955126

/** Error function. */
export const Erf = defineOp({
  name: 'Erf',
  code: 0x10,
  inputs: ['T'],
  scalar: { f32: erf },
  gradient: ({ inputs: [a], dy }) => [dy.mul(a.mul(a).neg().exp().mul(TWO_BY_ROOT_PI))],
})
