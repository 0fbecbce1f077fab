import { floor } from '../numbers/arithmetic.ts'
import { defineOp } from './define.ts'

/** To an integer, toward −∞; −0 stays −0. */
export const Floor = defineOp({
  name: 'Floor',
  code: 0x0b,
  inputs: ['T'],
  scalar: { f32: floor },
})
