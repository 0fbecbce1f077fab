import { log } from '../numbers/log.ts'
import { defineOp } from './define.ts'

/** Natural logarithm. */
export const Log = defineOp({
  name: 'Log',
  code: 0x0e,
  inputs: ['T'],
  scalar: { f32: log },
  gradient: ({ inputs: [a], dy }) => [dy.div(a)],
})
