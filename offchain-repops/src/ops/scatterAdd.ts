import { add } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/**
 * i[B,Q], g[B,R,Q] → [B,V,R]: out[b,v,r] is the sum of g[b,r,q] over the q with i[b,q] = v; each segment
 * a chain from +0. Gather's gradient.
 */
export const ScatterAdd = defineOp({
  name: 'ScatterAdd',
  code: 0x43,
  family: 'indexed',
  inputs: ['i32', 'T'],
  combine: { f32: add },
  gradient: ({ inputs: [index], dy }) => {
    const matches = index.lt(dy.dim(1)).and(index.scalar(-1).lt(index))
    const rows = matches.reshape([...index.shape, 1]).where(dy.gather(index, 1), 0)
    return [undefined, rows.transposeLast()]
  },
})
