import type { Node } from '../program/types.ts'
import type { Value } from './Value.ts'

/** What the gradient of a node is made from; all values have the shapes under which its form sees them. */
export interface GradientContext {
  readonly node: Node
  readonly inputs: readonly Value[]
  readonly output: Value
  /** Gradient of the output. */
  readonly dy: Value
}

/**
 * Gradients of a node's inputs, in order. Where one has more elements than its input along an axis of one, the
 * caller sums it; where it has fewer, the caller repeats it. Undefined: zero, or not a number that varies.
 */
export type Gradient = (context: GradientContext) => readonly (Value | undefined)[]
