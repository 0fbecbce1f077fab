import { lmsr, WAD } from '@lockstep/deployments/protocol'
import type { RowOf } from '../data/rows.ts'
import type { Context } from '../schema/context.ts'
import { type Computed, get, timeLeft } from './computed.ts'
import { priceHistory } from './prices.ts'

/** 1e-18 $AI a share. */
export const priceOf = (market: RowOf<'market'>, outcome: RowOf<'outcome'>): bigint =>
  outcome.payout ??
  lmsr.price({ b: market.b, offset: BigInt(market.offset), sum: market.sum }, outcome.quantity)

export const isTradingAt = (
  { status, isHalted, closesAt }: RowOf<'market'>,
  now: number,
): boolean => status === 'OPEN' && !isHalted && now <= closesAt

const isTrading: Computed<'market'> = async (market, _, context) =>
  isTradingAt(market, await context.now())

const secondsLeft: Computed<'market'> = async ({ closesAt, status }, _, context) =>
  status === 'OPEN' ? timeLeft(closesAt, await context.now()) : 0

const priceNow = async (outcome: RowOf<'outcome'>, context: Context): Promise<bigint> =>
  priceOf(await get(context, 'market', outcome.marketId), outcome)

const price: Computed<'outcome'> = (outcome, _, context) => priceNow(outcome, context)

const probability: Computed<'outcome'> = async (outcome, _, context) =>
  Number(await priceNow(outcome, context)) / Number(WAD)

/** $AI wei, rounded down: shares are 1e-9 share. */
const worth = async ({ outcomeId, shares }: RowOf<'position'>, context: Context): Promise<bigint> =>
  (shares * (await priceNow(await get(context, 'outcome', outcomeId), context))) /
  (WAD / lmsr.WEI_PER_SHARE)

const value: Computed<'position'> = (position, _, context) => worth(position, context)

const profit: Computed<'position'> = async (position, _, context) =>
  position.received + position.redeemed + (await worth(position, context)) - position.paid

export const markets = {
  Market: { isTrading, secondsLeft, prices: priceHistory },
  Outcome: { price, probability },
  Position: { value, profit },
}
