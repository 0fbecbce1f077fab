import { shareOf } from '@lockstep/deployments/protocol'
import { contest, epoch, market, series } from 'ponder:schema'
import { putPosition } from './positions.ts'
import { credit, on, timeOf } from './support/fold.ts'
import { epochId } from './support/ids.ts'
import { plain } from './support/json.ts'
import { plus } from './support/numbers.ts'

on('perpetual:SeriesCreated', async ({ event, context: { db } }) => {
  const { series: id, curator, terms } = event.args
  const timestamp = timeOf(event)
  await credit(db, curator, timestamp)
  await db.insert(series).values({
    id,
    curatorId: curator,
    evaluatorId: terms.evaluator,
    startsAt: terms.startsAt,
    epochSeconds: terms.epochSeconds,
    terms: plain(terms),
    shares: 0n,
    epochCount: 0,
    curatorPaid: 0n,
    isWoundUp: false,
    createdAt: timestamp,
    transaction: event.transaction.hash,
  })
  return { series: id }
})

on('perpetual:ContestOpened', async ({ event, context: { db } }) => {
  const { series: id, epoch: number, contest: contestId } = event.args
  await db.insert(epoch).values({
    id: epochId(id, number),
    seriesId: id,
    number: Number(number),
    contestId,
    subsidy: 0n,
    openedAt: timeOf(event),
  })
  await db.update(contest, { id: contestId }).set({ seriesId: id })
  await db.update(series, { id }).set((row) => plus(row, { epochCount: 1 }))
  return { series: id, contest: contestId }
})

on('perpetual:MarketOpened', async ({ event, context: { db } }) => {
  const { series: id, epoch: number, market: marketId, subsidy } = event.args
  const { contestId } = await db
    .update(epoch, { id: epochId(id, number) })
    .set({ marketId, subsidy })
  await db.update(market, { id: marketId }).set({ seriesId: id })
  return { series: id, market: marketId, contest: contestId }
})

on('perpetual:MarketClosed', async ({ event, context: { db } }) => {
  const { series: id, epoch: number, back } = event.args
  const { marketId } = await db.update(epoch, { id: epochId(id, number) }).set({ returned: back })
  return { series: id, market: marketId }
})

on('perpetual:TurnTaken', async ({ event, context: { db } }) => {
  const { series: id, done } = event.args
  await db.update(series, { id }).set((row) => plus(row, { shares: done.minted - done.withdrawn }))
  return { series: id }
})

on('perpetual:CuratorPaid', async ({ event, context: { db } }) => {
  const { series: id, amount } = event.args
  await db.update(series, { id }).set((row) => plus(row, { curatorPaid: amount }))
  return { series: id }
})

on('perpetual:WoundUp', async ({ event, context: { db } }) => {
  await db.update(series, { id: event.args.series }).set({ isWoundUp: true })
  return { series: event.args.series }
})

on('perpetual:PositionRolled', async ({ event, context: { db } }) => {
  const { series: id, owner, from, to, paid, shares, cost } = event.args
  // Delphi saw the contract redeem the one position and buy the other: it did so for the owner.
  for (const [holder, sign] of [
    [owner, 1n],
    [event.log.address, -1n],
  ] as const) {
    const put = async (share: bigint, sums: Parameters<typeof putPosition>[5]) => {
      const { market, number } = shareOf(share)
      return putPosition(db, market, number, holder, timeOf(event), sums)
    }
    await put(from, { redeemed: sign * paid })
    await put(to, { bought: sign * shares, paid: sign * cost })
  }
  return { series: id, market: shareOf(to).market }
})

// What people ask of a pool, or commit to, changes nothing that is shown until it is done.
on('perpetual:TestSetsCommitted', ({ event }) => ({ series: event.args.series }))
on('perpetual:EntrantCarried', ({ event }) => ({ series: event.args.series }))
on('perpetual:DepositRequested', ({ event }) => ({ series: event.args.series }))
on('perpetual:WithdrawalRequested', ({ event }) => ({ series: event.args.series }))
on('perpetual:RequestCancelled', ({ event }) => ({ series: event.args.series }))
on('perpetual:Claimed', ({ event }) => ({ series: event.args.series }))
