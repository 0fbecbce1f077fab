import type { DType, Node, Program } from '../../program/types.ts'
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

/** What input `k` of a node reads. */
export function valueOf(node: Node, k: number): Value {
  const input = node.inputs[k]
  return input.kind === 'immediate' ? { ...input, type: inputWants(node, k).type } : input
}

/** Equal for equal values. */
export function valueKey(value: Value): string {
  if (value.kind === 'step') return 'step'
  return value.kind === 'immediate'
    ? `immediate ${value.type} ${value.bits}`
    : `${value.kind} ${value.ref}`
}

/** What fusion has to leave as it is. */
export interface Keeping {
  /** Nodes whose outputs are read after the last task. */
  readonly needed: ReadonlySet<number>
  /** Whether a node has to be a task of its own. */
  readonly isAlone: (node: number) => boolean
}

/** The tasks that read each node's output, once each, by their places. */
export function readersOf(drafts: readonly DraftTask[]): Map<number, number[]> {
  const readers = new Map<number, number[]>()
  drafts.forEach(({ inputs }, at) => {
    for (const value of inputs) {
      if (value.kind !== 'node') continue
      const known = readers.get(value.ref)
      if (known === undefined) readers.set(value.ref, [at])
      else if (known.at(-1) !== at) known.push(at)
    }
  })
  return readers
}
