import { aiTokenAbi, delphiAbi } from '@lockstep/deployments/abis'
import {
  type Holdings,
  LIQUIDITY,
  MARKET_STATUSES,
  type MarketStatus,
  shareId,
} from '@lockstep/deployments/protocol'
import type { Address } from 'viem'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'
import { views } from './views.ts'

/** A market as the contract stores it at one block, and what an account has. Amounts are $AI wei, shares 1e-9. */
export interface ChainMarket extends Holdings {
  readonly block: bigint
  /** Of that block, unix seconds. */
  readonly time: number
  readonly status: MarketStatus
  readonly isHalted: boolean
  readonly closesAt: number
  readonly voidsAt: number
  /** What it settles from, which may be any contract: outcome i is entrant i of this contest. */
  readonly source: Address
  readonly contest: bigint
  readonly own: Own | undefined
}

export interface Own {
  readonly address: Address
  /** Of each outcome. */
  readonly shares: readonly bigint[]
  /** Of each outcome that it has, what `redeem` would pay; none while the market is open. */
  readonly payouts: readonly bigint[]
  /** Liquidity shares, of 18 decimals, and what `redeemLiquidity` would pay for them; 0 while the market is open. */
  readonly liquidity: bigint
  readonly liquidityPayout: bigint
  readonly balance: bigint
  readonly allowance: bigint
  readonly ether: bigint
}

/** Whether it can be traded, as far as its time goes. */
export const isTrading = ({ status, time, closesAt }: ChainMarket): boolean =>
  status === 'open' && time <= closesAt

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
  const status = MARKET_STATUSES[stored.status] ?? 'none'
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
    source: stored.source,
    contest: stored.contest,
    feeBps: stored.feeBps,
    creatorBps: stored.creatorBps,
    modelBps: stored.modelBps,
    protocolBps: stored.protocolBps,
    pot: stored.pot,
    sets: stored.sets,
    feesPaid: stored.creatorPaid + stored.protocolPaid + stored.modelsPaid,
    boughtIn: stored.boughtIn,
    liquidityShares: stored.liquidityShares,
    curve: { b: stored.b, offset: BigInt(stored.offset), sum: stored.sum },
    quantities: words.map(({ quantity }) => quantity),
    own,
  }

  async function readOwn(): Promise<Own> {
    const address = account as Address
    const erc20 = { abi: aiTokenAbi, address: token, blockNumber } as const
    const [held, balance, allowance, ether] = await Promise.all([
      views(
        client,
        delphi,
        blockNumber,
        'balanceOf',
        [...numbers, LIQUIDITY].map((i) => [address, shareId(market, i)] as const),
      ),
      client.readContract({ ...erc20, functionName: 'balanceOf', args: [address] }),
      client.readContract({ ...erc20, functionName: 'allowance', args: [address, delphi] }),
      client.getBalance({ address, blockNumber }),
    ])
    const shares = held.slice(0, -1)
    const [liquidity] = held.slice(-1)
    const isResolved = status === 'settled' || status === 'void'
    const [payouts, [liquidityPayout]] = isResolved
      ? await Promise.all([
          views(
            client,
            delphi,
            blockNumber,
            'payoutOf',
            numbers.map((i) => [market, i, shares[Number(i)]] as const),
          ),
          views(client, delphi, blockNumber, 'liquidityPayoutOf', [[market, liquidity]]),
        ])
      : [[], [0n]]
    return { address, shares, payouts, liquidity, liquidityPayout, balance, allowance, ether }
  }
}
