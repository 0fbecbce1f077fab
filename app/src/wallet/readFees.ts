import { delphiAbi } from '@lockstep/deployments/abis'
import { type FeesDue, ownFees } from '@lockstep/deployments/protocol'
import type { Address } from 'viem'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'
import { views } from './views.ts'

/** What an account would be paid of a market's fees. */
export interface OwnFees {
  readonly block: bigint
  /** Each group is what one transaction collects. */
  readonly due: readonly (readonly FeesDue[])[]
}

/** The parts of a market's fees that an account would be paid now, at the newest block. */
export async function readFees(
  client: ChainClient,
  { contracts: { delphi, token } }: Pick<Config, 'contracts'>,
  market: bigint,
  account: Address,
): Promise<OwnFees> {
  // Not the one that viem keeps for some seconds: a collection may be in the newest.
  const blockNumber = await client.getBlockNumber({ cacheTime: 0 })
  const of = { abi: delphiAbi, address: delphi } as const
  const { outcomes } = await client.readContract({
    ...{ ...of, blockNumber, functionName: 'marketOf' },
    args: [market],
  })
  const numbers = Array.from({ length: outcomes }, (_, i) => [market, BigInt(i)] as const)
  const words = await views(client, delphi, blockNumber, 'outcomeOf', numbers)
  const traded = words.flatMap(({ fees }, outcome) => (fees > 0n ? [outcome] : []))
  const due = await ownFees({ delphi, token, market, account }, traded, (request) =>
    client.multicall({ ...request, blockNumber }),
  )
  return { block: blockNumber, due }
}
