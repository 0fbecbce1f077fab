import { tanh } from '../numbers/tanh.ts'
import { defineOp } from './define.ts'

/** Hyperbolic tangent. */
export const Tanh = defineOp({
  name: 'Tanh',
  code: 0x0f,
  inputs: ['T'],
  scalar: { f32: tanh },
  gradient: ({ output: y, dy }) => [dy.mul(y.scalar(1).sub(y.mul(y)))],
})
