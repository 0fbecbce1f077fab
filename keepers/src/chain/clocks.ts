import { verdeParametersAbi } from '@lockstep/deployments'
import type { Contracts } from './contracts.ts'

/** What a claim's parameters leave for moves that need a replay (docs/spec/verde.md, section 4). */
export interface Clocks {
  /** What a side that has always answered at once has for such a move, in seconds. */
  readonly solverSeconds: number
  readonly challengerSeconds: number
  /** Disputes that can be under way at the same time, each with its own clock. */
  readonly disputes: number
}

interface Terms {
  readonly solverBudget: number
  readonly challengerBudget: number
  readonly heavyExtension: number
  readonly liveLimit: number
}

export function toClocks(terms: Terms): Clocks {
  const { solverBudget, challengerBudget, heavyExtension, liveLimit } = terms
  return {
    solverSeconds: Math.max(solverBudget, heavyExtension),
    challengerSeconds: Math.max(challengerBudget, heavyExtension),
    disputes: liveLimit,
  }
}

/** Of claims that are made now. */
export async function readClocks({ chain, verdeParameters }: Contracts): Promise<Clocks> {
  const contract = { abi: verdeParametersAbi, address: verdeParameters } as const
  const latest = await chain.client.readContract({ ...contract, functionName: 'latest' })
  const terms = await chain.client.readContract({
    ...contract,
    functionName: 'get',
    args: [latest],
  })
  return toClocks(terms)
}
