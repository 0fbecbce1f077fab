import { aiTokenAbi, delphiAbi } from '@lockstep/deployments/abis'
import type { Pricing } from '@lockstep/deployments/protocol'
import {
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  decodeFunctionResult,
  encodeFunctionData,
  type ReadContractReturnType,
} from 'viem'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'

/** A market as the contract stores it at one block, and what an account has. Amounts are $AI wei, shares 1e-9. */
export interface ChainMarket extends Pricing {
  readonly block: bigint
  /** Of that block, unix seconds. */
  readonly time: number
  readonly status: 'none' | 'open' | 'settled' | 'void'
  readonly isHalted: boolean
  readonly closesAt: number
  readonly voidsAt: number
  readonly own: Own | undefined
}

export interface Own {
  readonly address: Address
  /** Of each outcome. */
  readonly shares: readonly bigint[]
  /** Of each outcome that it has, what `redeem` would pay; none while the market is open. */
  readonly payouts: readonly bigint[]
  readonly balance: bigint
  readonly allowance: bigint
  readonly ether: bigint
}

const STATUSES = ['none', 'open', 'settled', 'void'] as const

type ViewName = ContractFunctionName<typeof delphiAbi, 'view' | 'pure'>

/** Several views of Delphi in one call. */
async function views<N extends ViewName>(
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

/** Reads a market, and what `account` has of it, at the newest block. */
export async function readMarket(
  client: ChainClient,
  { contracts: { delphi, token } }: Pick<Config, 'contracts'>,
  market: bigint,
  account: Address | undefined,
): Promise<ChainMarket> {
  const { number, timestamp } = await client.getBlock()
  const blockNumber = number
  const stored = await client.readContract({
    abi: delphiAbi,
    address: delphi,
    functionName: 'marketOf',
    args: [market],
    blockNumber,
  })
  const status = STATUSES[stored.status] ?? 'none'
  const numbers = Array.from({ length: stored.outcomes }, (_, i) => BigInt(i))
  const [words, own] = await Promise.all([
    views(
      client,
      delphi,
      blockNumber,
      'outcomeOf',
      numbers.map((i) => [market, i] as const),
    ),
    account === undefined ? undefined : readOwn(),
  ])
  return {
    block: number,
    time: Number(timestamp),
    status,
    isHalted: stored.isHalted,
    closesAt: stored.closesAt,
    voidsAt: stored.voidsAt,
    feeBps: stored.feeBps,
    curve: { b: stored.b, offset: BigInt(stored.offset), sum: stored.sum },
    quantities: words.map(({ quantity }) => quantity),
    own,
  }

  async function readOwn(): Promise<Own> {
    const address = account as Address
    const erc20 = { abi: aiTokenAbi, address: token, blockNumber } as const
    const [shares, balance, allowance, ether] = await Promise.all([
      views(
        client,
        delphi,
        blockNumber,
        'balanceOf',
        numbers.map((i) => [address, (market << 16n) | i] as const),
      ),
      client.readContract({ ...erc20, functionName: 'balanceOf', args: [address] }),
      client.readContract({ ...erc20, functionName: 'allowance', args: [address, delphi] }),
      client.getBalance({ address, blockNumber }),
    ])
    const isResolved = status === 'settled' || status === 'void'
    const payouts = isResolved
      ? await views(
          client,
          delphi,
          blockNumber,
          'payoutOf',
          numbers.map((i) => [market, i, shares[Number(i)]] as const),
        )
      : []
    return { address, shares, payouts, balance, allowance, ether }
  }
}
