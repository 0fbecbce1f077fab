import { sin } from '../numbers/sincos.ts'
import { defineOp } from './define.ts'

/** Sine, of every finite argument. */
export const Sin = defineOp({
  name: 'Sin',
  code: 0x11,
  inputs: ['T'],
  scalar: { f32: sin },
  gradient: ({ inputs: [a], dy }) => [dy.mul(a.cos())],
})
