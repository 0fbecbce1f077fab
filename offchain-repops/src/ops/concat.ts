import { defineOp } from './define.ts'

/** One to eight inputs [O, n_i, I] joined on the middle axis. */
export const Concat = defineOp({
  name: 'Concat',
  code: 0x52,
  family: 'concat',
  types: ['f32', 'i32'],
  inputs: ['T'],
  copies: true,
  gradient: ({ inputs, dy }) => {
    let start = 0
    return inputs.map((input) => {
      const from = start
      start += input.dim(1)
      return dy.slice(1, from, start)
    })
  },
})
