import type {
  Abi,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ReadContractReturnType,
} from 'viem'
import type { Chain } from './connect.ts'

// A request holds the calls and the contract that makes them: nodes take no more than 48 KiB of that (EIP-3860).
const CALLS_AT_ONCE_BYTES = 4096

/** One view of a contract for many arguments, in a few requests; no contract has to be there for it. */
export async function readMany<const A extends Abi, N extends ContractFunctionName<A, 'view'>>(
  { client }: Pick<Chain, 'client'>,
  contract: { readonly abi: A; readonly address: Address; readonly functionName: N },
  argsOfEach: readonly ContractFunctionArgs<A, 'view', N>[],
): Promise<ReadContractReturnType<A, N>[]> {
  if (argsOfEach.length === 0) return []
  const found = await client.multicall({
    contracts: argsOfEach.map((args) => ({ ...contract, args })) as never,
    allowFailure: false,
    deployless: true,
    batchSize: CALLS_AT_ONCE_BYTES,
  })
  return found as unknown as ReadContractReturnType<A, N>[]
}
