import { delphiAbi } from '@lockstep/deployments'
import type { Contracts } from './contracts.ts'
import { readOwners } from './contest-word.ts'
import { type Market } from './markets.ts'

/** Whose part of a market's fees. */
export type FeesOf = 'creator' | 'protocol' | { readonly outcome: number }

/** What collecting a part of the fees would pay now; zero where nothing is due. */
export async function feesDue(
  { chain, delphi }: Contracts,
  market: bigint,
  of: FeesOf,
): Promise<bigint> {
  const { functionName, args } = collecting(market, of)
  const ask = { abi: delphiAbi, address: delphi, functionName, args } as const
  const [{ result, error }] = await chain.client.multicall({
    contracts: [ask as never],
    deployless: true,
  })
  if (error === undefined) return result as unknown as bigint
  return 0n // Delphi_NothingToPay is the one thing that it says of a market that there is
}

/** The call that collects a part of the fees. */
export function collecting(market: bigint, of: FeesOf) {
  if (of === 'creator') return { functionName: 'collectCreatorFees', args: [market] } as const
  if (of === 'protocol') return { functionName: 'collectProtocolFees', args: [market] } as const
  return { functionName: 'collectModelFees', args: [market, BigInt(of.outcome)] } as const
}

/** The parts of a market's fees that an account would be paid now. */
export async function ownFees(
  contracts: Contracts,
  market: Market,
  account: string,
  least = 1n,
): Promise<FeesOf[]> {
  const isOwn = (address: string | undefined) => address?.toLowerCase() === account.toLowerCase()
  const owners = await readOwners(contracts, market.terms, market.quantities.length)
  const mine: FeesOf[] = isOwn(market.creator) ? ['creator'] : []
  for (const [outcome, owner] of owners.entries()) {
    if (isOwn(owner ?? market.creator) && market.outcomeFees[outcome] > 0n) mine.push({ outcome })
  }
  const due = await Promise.all(mine.map((of) => feesDue(contracts, market.id, of)))
  return mine.filter((_, i) => due[i] >= least)
}
