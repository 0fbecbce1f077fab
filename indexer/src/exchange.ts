// Trades, complete sets, and who has what.
import { LIQUIDITY, lmsr, shareOf } from '@lockstep/deployments/protocol'
import { market, outcome, trade } from 'ponder:schema'
import type { Address } from 'viem'
import { curveOf, type Market, outcomesOf, putPrice, stored, weighSets } from './delphi.ts'
import { traded, weigh } from './support/curve.ts'
import { credit, type Db, type Happening, idOf, on, timeOf } from './support/fold.ts'
import { outcomeId } from './support/ids.ts'
import { plus } from './support/numbers.ts'
import { putLiquidity, putPosition } from './positions.ts'

on('delphi:Traded', async ({ event, context: { db } }) => {
  const { market: id, trader, outcome: number, shares, cost, fee } = event.args
  const timestamp = timeOf(event)
  const isBuy = shares > 0n
  const amount = isBuy ? cost : -cost
  const before = (await db.find(market, { id }))!
  const o = (await db.find(outcome, { id: outcomeId(id, number) }))!
  const { curve, quantity, priceBefore, priceAfter } = await traded(
    curveOf(before),
    o.number,
    o.quantity,
    shares,
    isBuy ? amount - fee : amount + fee,
    async () => (await outcomesOf(db, before)).map((other) => other.quantity),
  )
  const counted = { tradeCount: 1, volume: amount }
  await db.update(outcome, { id: o.id }).set((row) => ({
    ...plus(row, counted),
    quantity,
    weighted: weigh(o, timestamp),
    since: timestamp,
  }))
  const now = await db.update(market, { id }).set((row) => ({
    ...plus(row, { ...counted, fees: fee }),
    ...stored(curve),
    lastTradeAt: timestamp,
  }))
  await putPrice(db, event, now, o.number, quantity)
  await db.insert(trade).values({
    id: idOf(event),
    marketId: id,
    outcomeId: o.id,
    traderId: trader,
    side: isBuy ? 'BUY' : 'SELL',
    shares: isBuy ? shares : -shares,
    amount,
    fee,
    priceBefore,
    priceAfter,
    block: event.block.number,
    timestamp,
    transaction: event.transaction.hash,
  })
  await putPosition(
    db,
    id,
    number,
    trader,
    timestamp,
    isBuy ? { bought: shares, paid: amount } : { sold: -shares, received: amount },
  )
  await credit(db, trader, timestamp, { trades: 1, volume: amount })
  return {
    market: id,
    contest: now.contestId,
    totals: { trades: 1, volume: amount },
    today: { trades: 1, volume: amount },
  }
})

on('delphi:Transfer', async ({ event, context: { db } }) => {
  const { from, to, id, amount } = event.args
  const timestamp = timeOf(event)
  const { market: of, number } = shareOf(id)
  for (const [owner, shares] of [
    [from, -amount],
    [to, amount],
  ] as const) {
    if (amount === 0n) continue
    if (number === LIQUIDITY) await putLiquidity(db, of, owner, timestamp, { shares })
    else await putPosition(db, of, number, owner, timestamp, { shares })
  }
  // Anybody may transfer nothing of a market that there is not.
  const about = await db.find(market, { id: of })
  return { market: of, contest: about?.contestId }
})

on('delphi:SetsMinted', async ({ event, context: { db } }) => {
  const { market: id, owner, sets } = event.args
  return countSets(db, event, id, owner, sets)
})

on('delphi:SetsBurned', async ({ event, context: { db } }) => {
  const { market: id, owner, sets } = event.args
  return countSets(db, event, id, owner, -sets)
})

/** A set costs its outcomes' prices, which are one together: each position pays its own, or receives it. */
async function countSets(
  db: Db,
  event: Happening,
  id: bigint,
  owner: Address,
  sets: bigint,
): Promise<{ market: bigint; contest: bigint | null }> {
  const timestamp = timeOf(event)
  const before: Market = (await db.find(market, { id }))!
  for (const { number, quantity } of await outcomesOf(db, before)) {
    const worth = (sets * lmsr.price(curveOf(before), quantity)) / lmsr.WEI_PER_SHARE
    const sums = sets > 0n ? { paid: worth } : { received: -worth }
    await putPosition(db, id, number, owner, timestamp, sums)
  }
  await db.update(market, { id }).set({
    sets: before.sets + sets,
    setsWeighted: weighSets(before, timestamp),
    setsSince: timestamp,
  })
  return { market: id, contest: before.contestId }
}

on('delphi:Redeemed', async ({ event, context: { db } }) => {
  const { market: id, owner, outcome: number, paid } = event.args
  await putPosition(db, id, number, owner, timeOf(event), { redeemed: paid })
  const { contestId } = await db.update(market, { id }).set((row) => plus(row, { redeemed: paid }))
  return { market: id, contest: contestId }
})

on('delphi:LiquidityRedeemed', async ({ event, context: { db } }) => {
  const { market: id, owner, shares, paid } = event.args
  await putLiquidity(db, id, owner, timeOf(event), { redeemed: paid })
  const { contestId } = await db
    .update(market, { id })
    .set((row) => plus(row, { liquidityShares: -shares }))
  return { market: id, contest: contestId }
})
