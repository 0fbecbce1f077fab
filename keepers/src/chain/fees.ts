import { delphiAbi } from '@lockstep/deployments'
import { collecting, type FeesOf } from '@lockstep/deployments/protocol'
import { type Address, BaseError, ContractFunctionRevertedError, isAddressEqual } from 'viem'
import type { Contracts } from './contracts.ts'
import { readOwners } from './contest-word.ts'
import { type Market } from './markets.ts'

/** What collecting a part of the fees would pay now; zero where nothing is due. */
export async function feesDue(
  { chain, delphi }: Contracts,
  market: bigint,
  of: FeesOf,
): Promise<bigint> {
  const { functionName, args } = collecting(market, of)
  const ask = { abi: delphiAbi, address: delphi, functionName, args } as const
  try {
    const { result } = await chain.client.simulateContract(ask as never)
    return result as unknown as bigint
  } catch (error) {
    if (isNothingToPay(error)) return 0n
    throw error
  }
}

function isNothingToPay(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false
  const reverted = error.walk((inner) => inner instanceof ContractFunctionRevertedError)
  return (
    reverted instanceof ContractFunctionRevertedError &&
    reverted.data?.errorName === 'Delphi_NothingToPay'
  )
}

/** The parts of a market's fees that an account would be paid now. */
export async function ownFees(
  contracts: Contracts,
  market: Market,
  account: Address,
  least = 1n,
): Promise<FeesOf[]> {
  const isOwn = (address: Address) => isAddressEqual(address, account)
  const owners = await readOwners(contracts, market.terms, market.quantities.length)
  const mine: FeesOf[] = isOwn(market.creator) ? ['creator'] : []
  for (const [outcome, owner] of owners.entries()) {
    if (isOwn(owner ?? market.creator) && market.outcomeFees[outcome] > 0n) mine.push({ outcome })
  }
  const due = await Promise.all(mine.map((of) => feesDue(contracts, market.id, of)))
  return mine.filter((_, i) => due[i] >= least)
}
