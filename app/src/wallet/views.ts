import { delphiAbi } from '@lockstep/deployments/abis'
import {
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  decodeFunctionResult,
  encodeFunctionData,
  type ReadContractReturnType,
} from 'viem'
import type { ChainClient } from '../data/chain.ts'

type ViewName = ContractFunctionName<typeof delphiAbi, 'view' | 'pure'>

/** Several views of Delphi in one call. */
export async function views<N extends ViewName>(
  client: ChainClient,
  delphi: Address,
  blockNumber: bigint,
  functionName: N,
  args: readonly ContractFunctionArgs<typeof delphiAbi, 'view' | 'pure', N>[],
): Promise<ReadContractReturnType<typeof delphiAbi, N>[]> {
  if (args.length === 0) return []
  const calls = args.map((of) =>
    encodeFunctionData({ abi: delphiAbi, functionName, args: of } as never),
  )
  const { result } = await client.simulateContract({
    abi: delphiAbi,
    address: delphi,
    functionName: 'multicall',
    args: [calls],
    blockNumber,
  })
  return result.map((data) =>
    decodeFunctionResult({ abi: delphiAbi, functionName, data } as never),
  ) as never
}
