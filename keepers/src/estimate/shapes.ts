import {
  type DType,
  inputWants,
  type Kernel,
  lower,
  type Node,
  outputOf,
  type Plan,
  type Task,
} from '@lockstep/repops'
import type { Work } from './cut.ts'

/** Where a task reads an operand. Equal numbers are one tensor. */
export type Source =
  | { readonly kind: 'tensor' | 'constant'; readonly number: number; readonly type: DType }
  | { readonly kind: 'immediate'; readonly bits: number; readonly type: DType }
  | { readonly kind: 'step' }

/** All that decides how long a task takes: tasks with the same key take equally long. */
export interface Shape extends Work {
  readonly key: string
  readonly inputs: readonly Source[]
  readonly outputs: readonly DType[]
}

/** How often tasks of each shape are run in a step. */
export class Tally {
  readonly counts = new Map<string, { readonly shape: Shape; count: number }>()

  add(shape: Shape, count = 1): void {
    const known = this.counts.get(shape.key)
    if (known === undefined) this.counts.set(shape.key, { shape, count })
    else known.count += count
  }
}

/** The shape of a task of a plan. */
export function shapeOfTask({ program, slots }: Plan, task: Task): Shape {
  const nodes = task.nodes.map((node) => program.nodes[node])
  const numbers = [...new Set(task.inputs)]
  const inputs = task.inputs.map((slot): Source => {
    const { type, place } = slots[slot]
    if (place.kind === 'step') return { kind: 'step' }
    if (place.kind === 'immediate') return { kind: 'immediate', bits: place.bits, type }
    const kind = place.kind === 'constant' ? 'constant' : 'tensor'
    return { kind, number: numbers.indexOf(slot), type }
  })
  const outputs = task.outputs.map((slot) => slots[slot].type)
  return { key: keyOf(nodes, task.kernel, inputs), nodes, kernel: task.kernel, inputs, outputs }
}

/** The shape of a node that is a task of its own. */
export function shapeOfNode(node: Node): Shape {
  const numbers = new Map<string, number>()
  const inputs = node.inputs.map((input, k): Source => {
    if (input.kind === 'step') return input
    const { type } = inputWants(node, k)
    if (input.kind === 'immediate') return { ...input, type }
    const name = `${input.kind} ${input.ref}`
    const number = numbers.get(name) ?? numbers.size
    numbers.set(name, number)
    return { kind: input.kind === 'constant' ? 'constant' : 'tensor', number, type }
  })
  const kernel = lower(node)
  return {
    key: keyOf([node], kernel, inputs),
    nodes: [node],
    kernel,
    inputs,
    outputs: [outputOf(node).type],
  }
}

function keyOf(nodes: readonly Node[], kernel: Kernel, inputs: readonly Source[]): string {
  const sources = inputs.map((input) => `${input.kind[0]}${'number' in input ? input.number : ''}`)
  const operator = nodes.length === 1 ? `${nodes[0].op} ${nodes[0].type}` : `${nodes.length} nodes`
  return `${operator} ${sources.join(' ')} ${JSON.stringify(kernel)}`
}
