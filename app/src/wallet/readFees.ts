import { aiTokenAbi, delphiAbi } from '@lockstep/deployments/abis'
import { collecting, type FeesOf } from '@lockstep/deployments/protocol'
import type { Address } from 'viem'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'
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
  /** Each group is what one transaction collects: its parts were tried one after the other. */
  readonly due: readonly (readonly FeesDue[])[]
}

/** Parts of a group: 22 kB of a request, and less than 10 million gas whatever a contest burns. */
const AT_ONCE = 32

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
  const models = words.flatMap(({ fees }, outcome) => (fees > 0n ? [{ outcome }] : []))
  const whose = await dueOf(['creator', 'protocol', ...models])
  // What others are paid before may leave the last of the models some wei less: once more without it.
  return { block: blockNumber, due: await dueOf(whose.flat().map((part) => part.of)) }

  async function dueOf(parts: readonly FeesOf[]): Promise<FeesDue[][]> {
    const chunks = Array.from({ length: Math.ceil(parts.length / AT_ONCE) }, (_, i) =>
      parts.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
    )
    const tried = await Promise.all(chunks.map(tryOut))
    const due = tried.map((group) => group.filter(({ amount }) => amount > 0n))
    return due.filter((group) => group.length > 0)
  }

  /**
   * What the account has more after each part is collected. So the contract itself says whose a model's part is: it
   * asks the contest, which may be any contract, with little gas, and what that burns or says costs no other part.
   */
  async function tryOut(parts: readonly FeesOf[]): Promise<FeesDue[]> {
    const balance = {
      ...{ abi: aiTokenAbi, address: token, functionName: 'balanceOf' },
      args: [account],
    } as const
    const collections = parts.map((part) => ({ ...of, ...collecting(market, part) }))
    const contracts = [balance, ...collections.flatMap((collection) => [collection, balance])]
    const answers = await client.multicall({
      ...{ contracts, deployless: true, batchSize: 0, blockNumber },
    })
    const amounts = answers.map(({ result, error }) => {
      if (error === undefined) return result as bigint
      if (contractErrorOf(error) !== 'Delphi_NothingToPay') throw error
      return 0n
    })
    return parts.map((part, i) => ({ of: part, amount: amounts[2 * i + 2] - amounts[2 * i] }))
  }
}
