import {
  decoding,
  type EncodedProgram,
  inSlices,
  type ProgramCommitment,
  ProgramError,
  toHex,
} from '@lockstep/repops'
import type { Plan } from './plan.ts'

/** What is wrong with a program's entries, if anything: names and the container are nobody's claim. */
export async function findMalformed(encoded: EncodedProgram): Promise<ProgramError | undefined> {
  try {
    await inSlices(decoding(encoded))
    return undefined
  } catch (error) {
    if (error instanceof ProgramError) return error
    throw error
  }
}

/**
 * Shows the entry that breaks a rule, or the two that contradict each other; ends any live dispute of a claim
 * about the program.
 */
export function showMalformed(
  dispute: bigint,
  { rule, where }: ProgramError,
  encoded: EncodedProgram,
  commitment: ProgramCommitment,
): Plan {
  const entry = (table: 'nodes' | 'states' | 'constants', index: number) => ({
    index,
    entry: toHex(encoded[table][index]),
    proof: commitment[table]?.open(index) ?? [],
  })
  switch (where.entry) {
    case 'program':
      throw new Error('the counts of a program are checked when it is registered')
    case 'constant':
      return { functionName: 'malformedConstant', args: [dispute, entry('constants', where.index)] }
    case 'state': {
      const state = entry('states', where.index)
      if (rule !== 'producer') return { functionName: 'malformedState', args: [dispute, state] }
      const source = entry('nodes', sourceOf(encoded.states[where.index]))
      return { functionName: 'malformedSource', args: [dispute, state, source] }
    }
    case 'node': {
      const node = entry('nodes', where.index)
      if (where.input === undefined || rule !== 'producer') {
        return { functionName: 'malformedNode', args: [dispute, node] }
      }
      const [table, ref] = inputOf(encoded.nodes[where.index], where.input)
      return {
        functionName: 'malformedInput',
        args: [dispute, node, BigInt(where.input), entry(table, ref)],
      }
    }
  }
}

/** The node that a well-formed state entry names: docs/spec/repops.md, section 4.2. */
function sourceOf(entry: Uint8Array): number {
  return Buffer.from(entry).readUInt32LE(7)
}

/** What input k of a well-formed node names: docs/spec/repops.md, section 4.1. */
function inputOf(encoding: Uint8Array, k: number): ['nodes' | 'states' | 'constants', number] {
  const at = 3 + 5 * k
  const table = (['nodes', 'states', 'constants'] as const)[encoding[at]]
  return [table, Buffer.from(encoding).readUInt32LE(at + 1)]
}
