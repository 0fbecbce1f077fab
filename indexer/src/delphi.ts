// Markets: what they are, and how they begin and end. Trading: exchange.ts.
import { lmsr, shareId } from '@lockstep/deployments/protocol'
import { market, outcome, pricePoint } from 'ponder:schema'
import { refunds, weigh } from './support/curve.ts'
import { contracts } from './support/deployment.ts'
import { credit, type Db, type Happening, idOf, on, timeOf } from './support/fold.ts'
import { entrantId, outcomeId } from './support/ids.ts'
import { bitsOf } from './support/numbers.ts'
import { putLiquidity, putPosition } from './positions.ts'

export type Market = typeof market.$inferSelect
export type Outcome = typeof outcome.$inferSelect

on('delphi:MarketCreated', async ({ event, context: { db } }) => {
  const { market: id, creator, terms, outcomes, subsidy, protocolBps } = event.args
  const { source, contest, b, ...fields } = terms
  const timestamp = timeOf(event)
  const isOurs = source === contracts.judge.toLowerCase()
  const curve = lmsr.open(b, Number(outcomes))
  await credit(db, creator, timestamp)
  await db.insert(market).values({
    ...fields,
    id,
    creatorId: creator,
    contestId: isOurs ? contest : null,
    sourceContest: contest,
    source,
    b,
    offset: Number(curve.offset),
    sum: curve.sum,
    outcomeCount: Number(outcomes),
    status: 'OPEN',
    isHalted: false,
    protocolBps,
    subsidy,
    sets: 0n,
    setsWeighted: 0n,
    setsSince: timestamp,
    liquidityShares: subsidy,
    tradeCount: 0,
    volume: 0n,
    fees: 0n,
    redeemed: 0n,
    winners: [],
    createdAt: timestamp,
    transaction: event.transaction.hash,
  })
  const made = (await db.find(market, { id }))!
  for (let number = 0; number < Number(outcomes); number++) {
    await putOutcome(db, event, made, { number, quantity: 0n, weighted: 0n })
  }
  await putLiquidity(db, id, creator, timestamp, { paid: subsidy })
  return { market: id, contest: made.contestId, totals: { markets: 1 } }
})

on('delphi:OutcomeListed', async ({ event, context: { db } }) => {
  const { market: id, outcome: number } = event.args
  const timestamp = timeOf(event)
  const before = (await db.find(market, { id }))!
  const quantity = -before.sets
  const curve =
    lmsr.admit(curveOf(before), quantity) ??
    lmsr.gather(before.b, [...(await outcomesOf(db, before)).map((o) => o.quantity), quantity])
  const now = await db
    .update(market, { id })
    .set({ ...stored(curve), outcomeCount: before.outcomeCount + 1 })
  const weighted = -weighSets(before, timestamp)
  await putOutcome(db, event, now, { number: Number(number), quantity, weighted })
  return { market: id, contest: now.contestId }
})

on('delphi:LiquidityAdded', async ({ event, context: { db } }) => {
  const { market: id, provider, b, cost, shares: liquidityShares } = event.args
  const timestamp = timeOf(event)
  const before = (await db.find(market, { id }))!
  const outcomes = await outcomesOf(db, before)
  const shares = lmsr.joined(
    curveOf(before),
    b,
    outcomes.map((o) => o.quantity),
  )
  const quantities = outcomes.map((o, i) => o.quantity + shares[i])
  // Averages grow with b like the quantities, and are cut off at the limit (docs/spec/delphi.md, section 2.4).
  const most = lmsr.limit(b) * BigInt(timestamp - before.createdAt)
  const { b: old } = before // what was found changes with the update
  const grown = (sum: bigint): bigint => clamp((sum * b) / old, most)
  const curve = lmsr.gather(b, quantities)
  const now = await db.update(market, { id }).set({
    ...stored(curve),
    setsWeighted: grown(weighSets(before, timestamp)),
    setsSince: timestamp,
    liquidityShares: before.liquidityShares + liquidityShares,
  })
  let ofShares = 0n
  for (const [i, o] of outcomes.entries()) {
    await db.update(outcome, { id: o.id }).set({
      quantity: quantities[i],
      weighted: grown(weigh(o, timestamp)),
      since: timestamp,
    })
    await putPrice(db, event, now, o.number, quantities[i])
    if (shares[i] === 0n) continue
    // The shares that come with it are paid for at their price, like those of a set.
    const worth = (shares[i] * lmsr.price(curve, quantities[i])) / lmsr.WEI_PER_SHARE
    await putPosition(db, id, o.number, provider, timestamp, { paid: worth })
    ofShares += worth
  }
  await putLiquidity(db, id, provider, timestamp, { paid: cost - ofShares })
  return { market: id, contest: now.contestId }
})

on('delphi:MarketSettled', async ({ event, context: { db } }) => {
  const { market: id, winners: word } = event.args
  const before = (await db.find(market, { id }))!
  const winners = bitsOf(word, before.outcomeCount)
  // A share of a winner is divided down to whole wei of 1e-9 of it.
  const each = (lmsr.WEI_PER_SHARE / BigInt(winners.length)) * lmsr.WEI_PER_SHARE
  await resolve(
    db,
    event,
    before,
    'SETTLED',
    bitsOf(2n ** 256n - 1n, before.outcomeCount).map((i) => (winners.includes(i) ? each : 0n)),
    winners,
  )
  return { market: id, contest: before.contestId }
})

on('delphi:MarketVoided', async ({ event, context: { db } }) => {
  const { market: id } = event.args
  const before = (await db.find(market, { id }))!
  const outcomes = await outcomesOf(db, before)
  const end = Math.min(timeOf(event), before.closesAt)
  const payouts = refunds(before.b, outcomes, before.createdAt, end)
  await resolve(db, event, before, 'VOID', payouts, [])
  return { market: id, contest: before.contestId }
})

on('delphi:HaltedSet', async ({ event, context: { db } }) => {
  const { market: id, halted } = event.args
  const { contestId } = await db.update(market, { id }).set({ isHalted: halted })
  return { market: id, contest: contestId }
})

on('delphi:FeesCollected', async ({ event, context: { db } }) => {
  const { market: id } = event.args
  const { contestId } = (await db.find(market, { id }))!
  return { market: id, contest: contestId }
})

async function resolve(
  db: Db,
  event: Happening,
  { id }: Market,
  status: 'SETTLED' | 'VOID',
  payouts: readonly bigint[],
  winners: number[],
): Promise<void> {
  await db.update(market, { id }).set({ status, winners, resolvedAt: timeOf(event) })
  for (const [i, payout] of payouts.entries()) {
    await db
      .update(outcome, { id: outcomeId(id, i) })
      .set({ payout, isWinner: winners.includes(i) })
  }
}

async function putOutcome(
  db: Db,
  event: Happening,
  of: Market,
  { number, quantity, weighted }: { number: number; quantity: bigint; weighted: bigint },
): Promise<void> {
  await db.insert(outcome).values({
    id: outcomeId(of.id, number),
    marketId: of.id,
    number,
    entrantId: of.contestId === null ? null : entrantId(of.contestId, number),
    quantity,
    volume: 0n,
    tradeCount: 0,
    isWinner: false,
    shareId: shareId(of.id, number),
    weighted,
    since: timeOf(event),
  })
  await putPrice(db, event, of, number, quantity)
}

/** A point of the price history: the curve and one quantity, from which its price follows. */
export async function putPrice(
  db: Db,
  event: Pick<Happening, 'block' | 'log'>,
  { id, b, offset, sum }: Market,
  number: number,
  quantity: bigint,
): Promise<void> {
  await db.insert(pricePoint).values({
    id: `${idOf(event)}-${String(number).padStart(3, '0')}`,
    marketId: id,
    outcome: number,
    quantity,
    b,
    offset,
    sum,
    block: event.block.number,
    timestamp: timeOf(event),
  })
}

export const curveOf = ({ b, offset, sum }: Market): lmsr.Curve => ({
  b,
  offset: BigInt(offset),
  sum,
})

/** A curve as the table has it. */
export const stored = ({ b, offset, sum }: lmsr.Curve): Pick<Market, 'b' | 'offset' | 'sum'> => ({
  b,
  offset: Number(offset),
  sum,
})

export async function outcomesOf(db: Db, { id, outcomeCount }: Market): Promise<Outcome[]> {
  const rows: Outcome[] = []
  for (let i = 0; i < outcomeCount; i++) {
    rows.push((await db.find(outcome, { id: outcomeId(id, i) }))!)
  }
  return rows
}

export const weighSets = ({ sets, setsWeighted, setsSince }: Market, now: number): bigint =>
  setsWeighted + sets * BigInt(now - setsSince)

const clamp = (value: bigint, most: bigint): bigint =>
  value > most ? most : value < -most ? -most : value
