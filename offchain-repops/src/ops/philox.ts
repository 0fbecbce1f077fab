import { defineOp } from './define.ts'

/** Random words: a pure function of seed, step, stream and index. */
export const Philox = defineOp({
  name: 'Philox',
  code: 0x54,
  family: 'generate',
  types: ['i32'],
  inputs: [],
})
