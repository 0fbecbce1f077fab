import { cos } from '../numbers/sincos.ts'
import { defineOp } from './define.ts'

/** Cosine, of every finite argument. */
export const Cos = defineOp({
  name: 'Cos',
  code: 0x12,
  inputs: ['T'],
  scalar: { f32: cos },
  gradient: ({ inputs: [a], dy }) => [dy.mul(a.sin()).neg()],
})
