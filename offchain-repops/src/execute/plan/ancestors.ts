import type { Program } from '../../program/types.ts'

/** The nodes that the outputs of `wanted` depend on, themselves included. */
export function ancestors(program: Pick<Program, 'nodes'>, wanted: Iterable<number>): Set<number> {
  const found = new Set(wanted)
  for (let index = program.nodes.length - 1; index >= 0; index--) {
    if (!found.has(index)) continue
    for (const input of program.nodes[index].inputs) if (input.kind === 'node') found.add(input.ref)
  }
  return found
}
