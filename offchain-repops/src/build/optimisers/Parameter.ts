import type { Value } from '../Value.ts'

/** A state that is trained. */
export interface Parameter {
  readonly name: string
  readonly value: Value
}
