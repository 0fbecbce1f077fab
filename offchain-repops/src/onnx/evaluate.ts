import type { Value } from '../build/Value.ts'
import type { Graph } from '../build/Graph.ts'
import { computeNode } from '../backends/reference/computeNode.ts'
import type { Input } from '../program/types.ts'
import { inputWants, outputOf, reducedLength } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'

/** Elements that `value` takes to compute, each reduction counted by the elements it reduces. */
export function operationsOf(values: readonly Value[]): number {
  let total = 0
  visit(values, (graph, ref) => {
    const node = graph.node(ref)
    total += outputOf(node).count * reducedLength(node)
  })
  return total
}

/** Computes values that depend on constants only, by the definition of their operators. */
export function evaluate(values: readonly Value[], constants: readonly Tensor[]): Tensor[] {
  const outputs = new Map<number, Tensor>()
  const tensorOf = (input: Input, type: Tensor['type']): Tensor => {
    switch (input.kind) {
      case 'node':
        return outputs.get(input.ref)!
      case 'constant':
        return constants[input.ref]
      case 'immediate':
        return new Tensor(type, Int32Array.of(input.bits))
      default:
        throw new Error(`a ${input.kind} has no value before a program runs`)
    }
  }
  visit(values, (graph, ref) => {
    const node = graph.node(ref)
    const { type, count } = outputOf(node)
    const output = Tensor.zeros(type, count)
    const inputs = node.inputs.map((input, k) => tensorOf(input, inputWants(node, k).type))
    computeNode(node, inputs, output, { step: 0, seed: 0n })
    outputs.set(ref, output)
  })
  return values.map(({ input, type }) => tensorOf(input, type))
}

/** Visits the nodes that values depend on, each after those that it depends on. */
function visit(values: readonly Value[], see: (graph: Graph, ref: number) => void): void {
  const [first] = values
  const wanted = new Set<number>()
  const open = values.flatMap(({ input }) => (input.kind === 'node' ? input.ref : []))
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (wanted.has(ref)) continue
    wanted.add(ref)
    for (const input of first.graph.node(ref).inputs)
      if (input.kind === 'node') open.push(input.ref)
  }
  for (const ref of [...wanted].sort((a, b) => a - b)) see(first.graph, ref)
}
