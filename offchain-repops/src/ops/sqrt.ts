import { sqrt } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** √x. */
export const Sqrt = defineOp({
  name: 'Sqrt',
  code: 0x05,
  inputs: ['T'],
  scalar: { f32: sqrt },
  gradient: ({ output, dy }) => [dy.div(output).mul(0.5)],
})
