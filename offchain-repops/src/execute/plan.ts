import type { Program } from '../program/types.ts'
import { outputOf } from '../program/wants.ts'

/**
 * Which nodes run, in order, and which buffer each writes. Buffers are shared by nodes whose outputs are
 * never needed at the same time, so a step allocates nothing.
 */
export interface Plan {
  readonly nodes: readonly number[]
  /** Buffer of each node that runs. */
  readonly buffer: ReadonlyMap<number, number>
  /** Elements of each buffer. */
  readonly sizes: readonly number[]
}

/** The nodes that the outputs of `wanted` depend on, themselves included. */
export function ancestors(program: Program, wanted: Iterable<number>): Set<number> {
  const found = new Set(wanted)
  for (let index = program.nodes.length - 1; index >= 0; index--) {
    if (!found.has(index)) continue
    for (const input of program.nodes[index].inputs) if (input.kind === 'node') found.add(input.ref)
  }
  return found
}

/** Plans a run of `running` nodes after which the outputs of `kept` are still there. */
export function planBuffers(
  program: Program,
  running: ReadonlySet<number>,
  kept: ReadonlySet<number>,
): Plan {
  const nodes = [...running].sort((a, b) => a - b)
  const lastUse = new Map<number, number>()
  for (const index of nodes) {
    lastUse.set(index, index)
    for (const input of program.nodes[index].inputs)
      if (input.kind === 'node') lastUse.set(input.ref, index)
  }
  const dying = new Map<number, number[]>()
  for (const [index, last] of lastUse)
    if (!kept.has(index)) dying.set(last, [...(dying.get(last) ?? []), index])

  const buffer = new Map<number, number>()
  const sizes: number[] = []
  const free: number[] = []
  for (const index of nodes) {
    const { count } = outputOf(program.nodes[index])
    const taken = takeBuffer(free, sizes, count)
    buffer.set(index, taken)
    sizes[taken] = Math.max(sizes[taken], count)
    for (const dead of dying.get(index) ?? []) free.push(buffer.get(dead) ?? taken)
  }
  return { nodes, buffer, sizes }
}

/** The smallest free buffer that is large enough, else the largest one (which grows), else a new one. */
function takeBuffer(free: number[], sizes: number[], count: number): number {
  if (free.length === 0) return sizes.push(count) - 1
  let best = 0
  for (let i = 1; i < free.length; i++) {
    const [size, bestSize] = [sizes[free[i]], sizes[free[best]]]
    const fits = size >= count
    if (bestSize >= count ? fits && size < bestSize : fits || size > bestSize) best = i
  }
  return free.splice(best, 1)[0]
}
