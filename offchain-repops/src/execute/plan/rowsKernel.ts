import type { Program } from '../../program/types.ts'
import { stridesOf, walkKey } from './axes.ts'
import { valueKey, valueOf, type DraftTask, type Value } from './draft.ts'
import { dimsOf, operandWalk, partOf, type RowSpace } from './rowSpace.ts'
import type { Instruction, Operand } from './types.ts'

/**
 * One task for some nodes, in program order, over one space. `stored` are those whose outputs others read; what is in
 * `nodes` and read by others of them stays inside.
 */
export function rowsTask(
  program: Program,
  nodes: readonly number[],
  stored: readonly number[],
  space: RowSpace,
): DraftTask {
  const dims = dimsOf(space)
  const place = new Map(nodes.map((node, i) => [node, i]))
  const inputs: Value[] = []
  const strides: number[][] = []
  const known = new Map<string, number>()

  function input(value: Value, index: number, k: number): number {
    const walk = operandWalk(program.nodes[index], k, space)
    const key = `${valueKey(value)} ${walkKey(walk)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const steps = stridesOf(walk, dims)
    if (steps === undefined) throw new Error(`operand ${k} of node ${index} has no strides`)
    known.set(key, inputs.length)
    strides.push(steps)
    return inputs.push(value) - 1
  }

  const instructions = nodes.map((index): Instruction => {
    const node = program.nodes[index]
    const operands = node.inputs.map((from, k): Operand => {
      const inside = from.kind === 'node' ? place.get(from.ref) : undefined
      if (inside !== undefined) return { kind: 'instruction', index: inside }
      return { kind: 'input', index: input(valueOf(node, k), index, k) }
    })
    const perRow = partOf(node, space) !== 'element'
    return { op: node.op, type: node.type, operands, perRow }
  })
  const stores = stored.map((node) => place.get(node) ?? -1)
  return {
    nodes,
    kernel: { kind: 'rows', dims, strides, instructions, stores },
    inputs,
    outputs: stored,
  }
}
