import type { Node } from '../program/types.ts'
import type { Tensor } from '../tensor.ts'

/** What a kernel may know beside its inputs. */
export interface StepContext {
  readonly step: number
  readonly seed: bigint
}

/**
 * Supplies kernels. `run` computes one node: `inputs` are whole tensors in the order of the node's
 * inputs (an immediate or the step arrives as a tensor of one element), `output` is written in full.
 * A backend never keeps a reference to what it was given.
 */
export interface Backend {
  readonly name: string
  run(node: Node, inputs: readonly Tensor[], output: Tensor, context: StepContext): void
}
