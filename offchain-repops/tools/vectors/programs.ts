import { finalRoot, type ProgramVectors, PROVING_JOBS } from '../../src/backends/provePrograms.ts'
import { reference } from '../../src/backends/reference/index.ts'

/** The state roots that the reference, node by node, gives the jobs on which backends are proved. */
export async function programVectors(): Promise<ProgramVectors> {
  const roots: Record<string, ProgramVectors[string]> = {}
  for (const [name, make] of Object.entries(PROVING_JOBS))
    roots[name] = await finalRoot(make(), reference)
  return roots
}
