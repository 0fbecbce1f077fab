import type { Graph } from '../build/Graph.ts'
import type { Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import type { ElementType } from './elementTypes.ts'
import { KnownTensor } from './KnownTensor.ts'

/** A tensor that the program computes, or is given. */
export interface LiveTensor {
  readonly type: ElementType
  readonly value: Value
}

/** What a name in an ONNX graph stands for. */
export type Operand = KnownTensor | LiveTensor

export const isKnown = (operand: Operand): operand is KnownTensor => operand instanceof KnownTensor

export const dimsOf = (operand: Operand): Shape =>
  isKnown(operand) ? operand.dims : operand.value.shape

/** Makes values of known tensors in the graph that is being built. */
export interface Materialiser {
  readonly graph: Graph
  materialise(tensor: KnownTensor): Value
  /** What `build` makes of tensors: computed at once where they are not trained. */
  fold(tensors: readonly KnownTensor[], build: (values: readonly Value[]) => Value): Value
}
