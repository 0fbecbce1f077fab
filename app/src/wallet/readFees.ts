import { delphiAbi } from '@lockstep/deployments/abis'
import { askingOwners, collecting, type FeesOf, ownersOf } from '@lockstep/deployments/protocol'
import { type Address, isAddressEqual } from 'viem'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'
import { firstLine } from '../format/firstLine.ts'
import { contractErrorOf } from './explain.ts'
import { views } from './views.ts'

/** A part of a market's fees, and what of it can be collected now, $AI wei. */
export interface FeesDue {
  readonly of: FeesOf
  readonly amount: bigint
}

/** What an account would be paid of a market's fees. */
export interface OwnFees {
  readonly block: bigint
  readonly due: readonly FeesDue[]
  /** Why it is not known which models' parts are the account's; undefined if it is. */
  readonly modelsProblem: string | undefined
}

/** The parts of a market's fees that an account would be paid now, at the newest block. */
export async function readFees(
  client: ChainClient,
  { contracts: { delphi } }: Pick<Config, 'contracts'>,
  market: bigint,
  account: Address,
): Promise<OwnFees> {
  // Not the one that viem keeps for some seconds: a collection may be in the newest.
  const blockNumber = await client.getBlockNumber({ cacheTime: 0 })
  const read = { abi: delphiAbi, address: delphi, blockNumber } as const
  const [{ creator, source, contest, outcomes }, [treasury]] = await Promise.all([
    client.readContract({ ...read, functionName: 'marketOf', args: [market] }),
    client.readContract({ ...read, functionName: 'protocol' }),
  ])
  const [shared, models] = await Promise.all([
    dueOf([
      [creator, 'creator'],
      [treasury, 'protocol'],
    ]),
    // The contest may be any contract: one that cannot be asked costs the models' parts only.
    whoseModels()
      .then(dueOf)
      .catch((error: unknown) => firstLine(error)),
  ])
  return typeof models === 'string'
    ? { block: blockNumber, due: shared, modelsProblem: models }
    : { block: blockNumber, due: [...shared, ...models], modelsProblem: undefined }

  async function whoseModels(): Promise<(readonly [Address, FeesOf])[]> {
    const numbers = Array.from({ length: outcomes }, (_, i) => [market, BigInt(i)] as const)
    const words = await views(client, delphi, blockNumber, 'outcomeOf', numbers)
    const traded = words.flatMap(({ fees }, outcome) => (fees > 0n ? [outcome] : []))
    const asking = askingOwners({ source, contest }, traded)
    const owners = ownersOf(await client.multicall({ ...asking, blockNumber }))
    return traded.map((outcome, i) => [owners[i] ?? creator, { outcome }] as const)
  }

  async function dueOf(whose: readonly (readonly [Address, FeesOf])[]): Promise<FeesDue[]> {
    const own = whose.filter(([owner]) => isAddressEqual(owner, account))
    const due = await Promise.all(own.map(async ([, of]) => ({ of, amount: await dueNow(of) })))
    return due.filter(({ amount }) => amount > 0n)
  }

  async function dueNow(of: FeesOf): Promise<bigint> {
    try {
      const call = { ...read, ...collecting(market, of) }
      const { result } = await client.simulateContract(call as never)
      return result as unknown as bigint
    } catch (error) {
      if (contractErrorOf(error) === 'Delphi_NothingToPay') return 0n
      throw error
    }
  }
}
