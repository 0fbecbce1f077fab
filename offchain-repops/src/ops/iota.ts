import { defineOp } from './define.ts'

/** Element e is the low word of e. */
export const Iota = defineOp({
  name: 'Iota',
  code: 0x53,
  family: 'generate',
  types: ['i32'],
  inputs: [],
})
