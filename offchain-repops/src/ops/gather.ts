import { defineOp } from './define.ts'

/** x[B,V,R], i[B,Q] → [B,Q,R]: rows x[b, i[b,q]]; outside [0, V) the canonical NaN, or 0. */
export const Gather = defineOp({
  name: 'Gather',
  code: 0x50,
  family: 'indexed',
  types: ['f32', 'i32'],
  inputs: ['T', 'i32'],
  copies: true,
  gradient: ({ inputs: [x, index], dy }) => [
    dy.transposeLast().scatterAdd(index, x.dim(1)),
    undefined,
  ],
})
