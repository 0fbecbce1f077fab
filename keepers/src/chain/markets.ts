import { delphiAbi } from '@lockstep/deployments'
import {
  type Holdings,
  LIQUIDITY,
  MARKET_STATUSES,
  type MarketStatus,
  shareId,
} from '@lockstep/deployments/protocol'
import {
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  decodeFunctionResult,
  encodeFunctionData,
  type Hash,
  type ReadContractReturnType,
} from 'viem'
import { MARKET_EVENTS, type PricePoint, Replay, ReplayError } from '../delphi/replay.ts'
import { fail } from '../errors.ts'
import type { Contracts } from './contracts.ts'
import { findId } from './find-id.ts'
import type { KeptEvent } from './history.ts'

/** What fixes a market: `MarketTerms` of IDelphi.sol. */
export type MarketTerms = KeptEvent<'MarketCreated'>['args']['terms']

/** A market as the contract stores it. Amounts are $AI wei, shares and sets 1e-9, times unix seconds. */
export interface Market extends Holdings {
  readonly id: bigint
  readonly creator: Address
  readonly terms: MarketTerms
  /** Open: not resolved yet, trading or waiting for the contest. */
  readonly status: MarketStatus
  readonly isHalted: boolean
  readonly opensAt: number
  /** Outcomes that won, once it is settled. */
  readonly winners: readonly number[]
  /** What belongs to liquidity, once it is resolved. */
  readonly liquidity: bigint
  /** Fees of each outcome's trades, $AI wei. */
  readonly outcomeFees: readonly bigint[]
  /** What a share of each outcome is refunded, 1e-18 $AI, once it is void; none before. */
  readonly refunds: readonly bigint[]
}

/** What an account has in a market. */
export interface Position {
  /** Of each outcome, 1e-9 share. */
  readonly shares: readonly bigint[]
  /** Liquidity shares, of 18 decimals. */
  readonly liquidity: bigint
}

type ViewName = ContractFunctionName<typeof delphiAbi, 'view' | 'pure'>
interface View<N extends ViewName = ViewName> {
  readonly functionName: N
  readonly args: ContractFunctionArgs<typeof delphiAbi, 'view' | 'pure', N>
}

// Of 256 outcomes the words and the balances of one account are one request. Nodes bound the gas of one: refunds, the
// dearest, take some 3,300 an outcome.
const OUTCOMES_AT_ONCE = 520

/** Several views of Delphi at one block, hundreds in a request; `outcomes`: of how many each of them tells. */
async function view<N extends ViewName>(
  { chain, delphi }: Contracts,
  views: readonly View<N>[],
  blockNumber: bigint,
  outcomes: (index: number) => number = () => 1,
): Promise<ReadContractReturnType<typeof delphiAbi, N>[]> {
  const found: ReadContractReturnType<typeof delphiAbi, N>[] = []
  for (let first = 0, end = 0; first < views.length; first = end) {
    for (let sum = 0; end < views.length; end++) {
      sum += outcomes(end)
      if (end > first && sum > OUTCOMES_AT_ONCE) break
    }
    const part = views.slice(first, end)
    const calls = part.map((call) => encodeFunctionData({ abi: delphiAbi, ...call } as never))
    const { result } = await chain.client.simulateContract({
      abi: delphiAbi,
      address: delphi,
      functionName: 'multicall',
      args: [calls],
      blockNumber,
    })
    for (const [i, data] of result.entries()) {
      const { functionName } = part[i]
      found.push(decodeFunctionResult({ abi: delphiAbi, functionName, data } as never) as never)
    }
  }
  return found
}

/** Ids of all markets up to a block, in the order of their creation. */
export async function readMarketIds({ history }: Contracts, to: bigint): Promise<bigint[]> {
  return (await history.events('MarketCreated', {}, to)).map(({ args }) => args.market)
}

/** The market that a person means: its id, or the beginning of it in hex, which no other market has. */
export async function findMarket(contracts: Contracts, text: string, to: bigint): Promise<bigint> {
  return findId(await readMarketIds(contracts, to), text, { kind: 'market', name: marketName })
}

/** A market's id as people read it: 60 hex digits. */
export const marketName = (market: bigint): Hash => `0x${market.toString(16).padStart(60, '0')}`

/** A market as it stands at block `at`. */
export async function readMarket(contracts: Contracts, id: bigint, at: bigint): Promise<Market> {
  const [market] = await readMarkets(contracts, [id], at)
  return market
}

/** Markets as they stand at block `at`, a request for hundreds of outcomes. */
export async function readMarkets(
  contracts: Contracts,
  ids: readonly bigint[],
  at: bigint,
): Promise<Market[]> {
  const created = await readCreated(contracts, ids, at)
  const stored = await view(
    contracts,
    ids.map((id) => ({ functionName: 'marketOf' as const, args: [id] })),
    at,
  )
  const words = await view(
    contracts,
    ids.flatMap((id, i) =>
      Array.from({ length: stored[i].outcomes }, (_, outcome) => ({
        functionName: 'outcomeOf' as const,
        args: [id, BigInt(outcome)] as const,
      })),
    ),
    at,
  )
  const voids = stored.flatMap(({ status, outcomes }, i) =>
    MARKET_STATUSES[status] === 'void' ? [{ id: ids[i], outcomes }] : [],
  )
  const refunds = await readRefunds(contracts, voids, at)
  let from = 0
  return ids.map((id, i) => {
    const { args } = created[i]
    const market = stored[i]
    const outcomes = words.slice(from, (from += market.outcomes))
    const status = MARKET_STATUSES[market.status]
    const winners = market.tied === 0n ? 1n << BigInt(market.winner) : market.tied
    return {
      id,
      creator: market.creator,
      terms: args.terms,
      status,
      isHalted: market.isHalted,
      opensAt: market.opensAt,
      feeBps: market.feeBps,
      creatorBps: market.creatorBps,
      modelBps: market.modelBps,
      protocolBps: market.protocolBps,
      winners: status === 'settled' ? bitsOf(winners) : [],
      pot: market.pot,
      sets: market.sets,
      feesPaid: market.creatorPaid + market.protocolPaid + market.modelsPaid,
      boughtIn: market.boughtIn,
      liquidityShares: market.liquidityShares,
      liquidity: market.liquidity,
      curve: { b: market.b, offset: BigInt(market.offset), sum: market.sum },
      quantities: outcomes.map(({ quantity }) => quantity),
      outcomeFees: outcomes.map(({ fees }) => fees * 10n ** 9n),
      refunds: refunds.get(id) ?? [],
    }
  })
}

/** What a share of each outcome of a market is refunded if it is void, now or after it was resolved, 1e-18 $AI. */
export async function readRefunds(
  contracts: Contracts,
  markets: readonly { readonly id: bigint; readonly outcomes: number }[],
  at: bigint,
): Promise<Map<bigint, readonly bigint[]>> {
  const refunds = await view(
    contracts,
    markets.map(({ id }) => ({ functionName: 'refundsOf' as const, args: [id] })),
    at,
    (i) => markets[i].outcomes,
  )
  return new Map(markets.map(({ id }, i) => [id, refunds[i]]))
}

async function readCreated(
  { history }: Contracts,
  ids: readonly bigint[],
  to: bigint,
): Promise<KeptEvent<'MarketCreated'>[]> {
  const created = new Map(
    (await history.events('MarketCreated', {}, to)).map((event) => [event.args.market, event]),
  )
  return ids.map((id) => {
    const event = created.get(id)
    if (event !== undefined) return event
    throw fail.notFound({
      what: 'there is no such market',
      where: `market ${marketName(id)}`,
      advice: 'lockstep market list shows all',
    })
  })
}

/** How many outcomes each of these markets has, and whether it is resolved: all that most looks need. */
export async function readStatuses(
  contracts: Contracts,
  ids: readonly bigint[],
  at: bigint,
): Promise<{ id: bigint; status: MarketStatus; closesAt: number; outcomes: number }[]> {
  const stored = await view(
    contracts,
    ids.map((id) => ({ functionName: 'marketOf' as const, args: [id] })),
    at,
  )
  return stored.map(({ status, closesAt, outcomes }, i) => ({
    ...{ id: ids[i], status: MARKET_STATUSES[status], closesAt, outcomes },
  }))
}

/** What an account has in a market of so many outcomes. */
export async function readPosition(
  contracts: Contracts,
  market: bigint,
  outcomes: number,
  account: Address,
  at: bigint,
): Promise<Position> {
  const numbers = [...Array(outcomes).keys(), LIQUIDITY]
  const balances = await view(
    contracts,
    numbers.map((number) => ({
      functionName: 'balanceOf' as const,
      args: [account, shareId(market, number)] as const,
    })),
    at,
  )
  return { shares: balances.slice(0, -1), liquidity: balances[outcomes] }
}

/**
 * The prices of a market behind everything that moved them, out of its events; throws unless they lead to what the
 * contract stores. `replays`: of earlier looks, so that only what is new is counted.
 */
export async function priceHistory(
  contracts: Contracts,
  market: Market,
  at: bigint,
  replays = new Map<bigint, Replay>(),
): Promise<readonly PricePoint[]> {
  const { history, trades } = contracts
  const [created] = await history.events('MarketCreated', { market: market.id }, at)
  const { terms, outcomes } = created.args
  const whole = replays.get(market.id) ?? new Replay(terms.b, Number(outcomes))
  replays.set(market.id, whole)
  try {
    whole.follow(await trades.events(MARKET_EVENTS, { market: market.id }, at))
    const { quantities, curve, sets } = whole.book
    const isSame =
      curve.b === market.curve.b &&
      sets === market.sets &&
      quantities.length === market.quantities.length &&
      quantities.every((quantity, i) => quantity === market.quantities[i])
    if (!isSame)
      throw new ReplayError('they do not lead to the quantities that the contract stores')
  } catch (cause) {
    if (!(cause instanceof ReplayError)) throw cause
    trades.restart()
    replays.delete(market.id)
    throw fail.lyingRpc(
      {
        what: `the events of a market contradict its state: ${cause.message}`,
        where: `market ${marketName(market.id)}, block ${at}`,
        advice: 'the endpoint keeps events back: use another --rpc',
      },
      { cause },
    )
  }
  return whole.points
}

/** Numbers of the bits that are set. */
export function bitsOf(set: bigint): number[] {
  const bits: number[] = []
  for (let bit = 0; set >> BigInt(bit) > 0n; bit++) if ((set >> BigInt(bit)) & 1n) bits.push(bit)
  return bits
}
