import type { DType, Program } from '../../program/types.ts'
import { inputWants } from '../../program/wants.ts'
import { lower } from './lower.ts'
import type { Kernel } from './types.ts'

/** What a task reads: where a value comes from, not yet where it lies. An immediate has the type that is wanted. */
export type Value =
  | { readonly kind: 'node'; readonly ref: number }
  | { readonly kind: 'state'; readonly ref: number }
  | { readonly kind: 'constant'; readonly ref: number }
  | { readonly kind: 'immediate'; readonly bits: number; readonly type: DType }
  | { readonly kind: 'step' }

/** A task before it has memory: inputs and outputs are values, in the order that the kernel counts them. */
export interface DraftTask {
  readonly nodes: readonly number[]
  readonly kernel: Kernel
  readonly inputs: readonly Value[]
  /** Nodes whose outputs it writes. */
  readonly outputs: readonly number[]
}

/** One task for each of `nodes`. */
export function draftTasks(program: Program, nodes: readonly number[]): DraftTask[] {
  return nodes.map((index): DraftTask => {
    const node = program.nodes[index]
    const inputs = node.inputs.map(
      (input, k): Value =>
        input.kind === 'immediate' ? { ...input, type: inputWants(node, k).type } : input,
    )
    return { nodes: [index], kernel: lower(node), inputs, outputs: [index] }
  })
}

/** Equal for equal values. */
export function valueKey(value: Value): string {
  if (value.kind === 'step') return 'step'
  return value.kind === 'immediate'
    ? `immediate ${value.type} ${value.bits}`
    : `${value.kind} ${value.ref}`
}
