import { type Address, ContractFunctionExecutionError, zeroAddress } from 'viem'
import { judgeAbi } from '../abis/judge.ts'

/** Whose part of a market's fees. */
export type FeesOf = 'creator' | 'protocol' | { readonly outcome: number }

/** The call that collects a part of the fees. */
export function collecting(market: bigint, of: FeesOf) {
  if (of === 'creator') return { functionName: 'collectCreatorFees', args: [market] } as const
  if (of === 'protocol') return { functionName: 'collectProtocolFees', args: [market] } as const
  return { functionName: 'collectModelFees', args: [market, BigInt(of.outcome)] } as const
}

/** What viem's `multicall` asks a market's contest: who owns the entrants of outcomes. `ownersOf` reads the answers. */
export function askingOwners(
  { source, contest }: { readonly source: Address; readonly contest: bigint },
  outcomes: readonly number[],
) {
  const ask = { abi: judgeAbi, address: source, functionName: 'ownerOf' } as const
  return {
    contracts: outcomes.map((outcome) => ({ ...ask, args: [contest, BigInt(outcome)] as const })),
    deployless: true,
    batchSize: 4096,
  } as const
}

/**
 * Who owns each of the entrants that `askingOwners` asked for; undefined where the contest, which may be any contract,
 * names nobody or does not answer. Throws where it could not be asked: that says nothing of whose a part is.
 */
export function ownersOf(
  answers: readonly { readonly result?: Address | undefined; readonly error?: Error | undefined }[],
): (Address | undefined)[] {
  return answers.map(({ result, error }) => {
    // Every entry of a request that failed has the error of the request, not one of its own call.
    if (error instanceof ContractFunctionExecutionError && error.functionName !== 'ownerOf')
      throw error
    return result === zeroAddress ? undefined : result
  })
}
