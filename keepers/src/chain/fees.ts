import { type FeesOf, ownFees } from '@lockstep/deployments/protocol'
import type { Address } from 'viem'
import type { Contracts } from './contracts.ts'
import type { Market } from './markets.ts'

/**
 * The parts of a market's fees of which an account would be paid `least` now. Each group is what one transaction
 * collects.
 */
export async function readOwnFees(
  { chain, delphi, token }: Contracts,
  { id, outcomeFees }: Pick<Market, 'id' | 'outcomeFees'>,
  account: Address,
  least = 1n,
): Promise<FeesOf[][]> {
  const traded = outcomeFees.flatMap((fees, outcome) => (fees > 0n ? [outcome] : []))
  const due = await ownFees({ delphi, token, market: id, account }, traded, (request) =>
    chain.client.multicall(request),
  )
  return due
    .map((group) => group.filter(({ amount }) => amount >= least).map(({ of }) => of))
    .filter((group) => group.length > 0)
}
