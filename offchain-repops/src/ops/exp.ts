import { exp } from '../numbers/exp.ts'
import { defineOp } from './define.ts'

/** e^x. */
export const Exp = defineOp({
  name: 'Exp',
  code: 0x0d,
  inputs: ['T'],
  scalar: { f32: exp },
  gradient: ({ output, dy }) => [dy.mul(output)],
})
