import { defineOp } from './define.ts'

/** b where the condition is not 0, else c; bits copied. */
export const Where = defineOp({
  name: 'Where',
  code: 0x33,
  inputs: ['i32', 'T', 'T'],
  copies: true,
  scalar: { f32: (a, b, c) => (a !== 0 ? b : c), i32: (a, b, c) => (a !== 0 ? b : c) },
  gradient: ({ inputs: [condition], dy }) => [
    undefined,
    condition.where(dy, 0),
    condition.where(0, dy),
  ],
})
