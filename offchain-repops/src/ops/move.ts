import { moveGradient } from '../build/moveGradient.ts'
import { defineOp } from './define.ts'

/** Transpose, slice, pad, expand, flip, stride, im2col: see the `Move` form. */
export const Move = defineOp({
  name: 'Move',
  code: 0x51,
  family: 'move',
  types: ['f32', 'i32'],
  inputs: ['T'],
  copies: true,
  gradient: moveGradient,
})
