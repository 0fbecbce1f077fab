import { index } from 'ponder'
import { MARKET_STATUS, TRADE_SIDE } from './enums.ts'
import { onchainTable } from './table.ts'

export const market = onchainTable(
  'market',
  (t) => ({
    id: t.bigint().primaryKey(),
    creatorId: t.hex().notNull(),
    contestId: t.bigint(),
    source: t.hex().notNull(),
    b: t.bigint().notNull(),
    offset: t.integer().notNull(),
    sum: t.bigint().notNull(),
    outcomeCount: t.integer().notNull(),
    status: t.text({ enum: MARKET_STATUS }).notNull(),
    isHalted: t.boolean().notNull(),
    closesAt: t.int8({ mode: 'number' }).notNull(),
    voidsAt: t.int8({ mode: 'number' }).notNull(),
    feeBps: t.integer().notNull(),
    creatorBps: t.integer().notNull(),
    modelBps: t.integer().notNull(),
    protocolBps: t.integer().notNull(),
    rules: t.hex().notNull(),
    metadata: t.hex().notNull(),
    subsidy: t.bigint().notNull(),
    sets: t.bigint().notNull(),
    liquidityShares: t.bigint().notNull(),
    tradeCount: t.integer().notNull(),
    volume: t.bigint().notNull(),
    fees: t.bigint().notNull(),
    redeemed: t.bigint().notNull(),
    winners: t.integer().array().notNull(),
    seriesId: t.bigint(),
    createdAt: t.int8({ mode: 'number' }).notNull(),
    lastTradeAt: t.int8({ mode: 'number' }),
    resolvedAt: t.int8({ mode: 'number' }),
    transaction: t.hex().notNull(),

    // The contest's number as the market names it, of whatever source.
    sourceContest: t.bigint().notNull(),
    // Sets times seconds until `setsSince`, for what a void market pays (docs/spec/delphi.md, section 2.4).
    setsWeighted: t.bigint().notNull(),
    setsSince: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    creatorIndex: index().on(table.creatorId, table.id),
    contestIndex: index().on(table.contestId, table.id),
    seriesIndex: index().on(table.seriesId, table.id),
    statusIndex: index().on(table.status, table.closesAt),
    createdIndex: index().on(table.createdAt),
    volumeIndex: index().on(table.volume),
  }),
)

export const outcome = onchainTable(
  'outcome',
  (t) => ({
    id: t.text().primaryKey(),
    marketId: t.bigint().notNull(),
    number: t.integer().notNull(),
    entrantId: t.text(),
    quantity: t.bigint().notNull(),
    volume: t.bigint().notNull(),
    tradeCount: t.integer().notNull(),
    isWinner: t.boolean().notNull(),
    shareId: t.bigint().notNull(),

    // 1e-18 $AI that a share is paid; null until the market is resolved.
    payout: t.bigint(),
    // Quantity times seconds until `since`, for what a void market pays.
    weighted: t.bigint().notNull(),
    since: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    entrantIndex: index().on(table.entrantId, table.id),
    numberIndex: index().on(table.marketId, table.number),
  }),
)

export const trade = onchainTable(
  'trade',
  (t) => ({
    id: t.text().primaryKey(),
    marketId: t.bigint().notNull(),
    outcomeId: t.text().notNull(),
    traderId: t.hex().notNull(),
    side: t.text({ enum: TRADE_SIDE }).notNull(),
    shares: t.bigint().notNull(),
    amount: t.bigint().notNull(),
    fee: t.bigint().notNull(),
    priceBefore: t.bigint().notNull(),
    priceAfter: t.bigint().notNull(),
    block: t.bigint().notNull(),
    timestamp: t.int8({ mode: 'number' }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    marketIndex: index().on(table.marketId, table.id),
    outcomeIndex: index().on(table.outcomeId, table.id),
    traderIndex: index().on(table.traderId, table.id),
  }),
)

export const position = onchainTable(
  'position',
  (t) => ({
    id: t.text().primaryKey(),
    marketId: t.bigint().notNull(),
    outcomeId: t.text().notNull(),
    ownerId: t.hex().notNull(),
    shares: t.bigint().notNull(),
    bought: t.bigint().notNull(),
    sold: t.bigint().notNull(),
    paid: t.bigint().notNull(),
    received: t.bigint().notNull(),
    redeemed: t.bigint().notNull(),
    updatedAt: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    marketIndex: index().on(table.marketId, table.id),
    outcomeIndex: index().on(table.outcomeId, table.id),
    ownerUpdatedIndex: index().on(table.ownerId, table.updatedAt),
  }),
)

export const liquidityPosition = onchainTable(
  'liquidity_position',
  (t) => ({
    id: t.text().primaryKey(),
    marketId: t.bigint().notNull(),
    ownerId: t.hex().notNull(),
    shares: t.bigint().notNull(),
    paid: t.bigint().notNull(),
    redeemed: t.bigint().notNull(),
    updatedAt: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    marketIndex: index().on(table.marketId, table.id),
    ownerIndex: index().on(table.ownerId, table.id),
  }),
)

export const series = onchainTable(
  'series',
  (t) => ({
    id: t.bigint().primaryKey(),
    curatorId: t.hex().notNull(),
    evaluatorId: t.hex(),
    startsAt: t.int8({ mode: 'number' }).notNull(),
    epochSeconds: t.integer().notNull(),
    terms: t.json().notNull(),
    shares: t.bigint().notNull(),
    epochCount: t.integer().notNull(),
    curatorPaid: t.bigint().notNull(),
    isWoundUp: t.boolean().notNull(),
    createdAt: t.int8({ mode: 'number' }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    curatorIndex: index().on(table.curatorId, table.id),
  }),
)

export const epoch = onchainTable(
  'epoch',
  (t) => ({
    id: t.text().primaryKey(),
    seriesId: t.bigint().notNull(),
    number: t.integer().notNull(),
    contestId: t.bigint(),
    marketId: t.bigint(),
    subsidy: t.bigint().notNull(),
    returned: t.bigint(),
    openedAt: t.int8({ mode: 'number' }),
  }),
  (table) => ({
    contestIndex: index().on(table.contestId, table.id),
    marketIndex: index().on(table.marketId, table.id),
    numberIndex: index().on(table.seriesId, table.number),
  }),
)

export const basket = onchainTable('basket', (t) => ({
  id: t.bigint().primaryKey(),
  legs: t.json().notNull(),
  supply: t.bigint().notNull(),
  madeAt: t.int8({ mode: 'number' }).notNull(),
}))

/**
 * What prices over time are made of: the quantity of an outcome and the curve of its market after what changed them.
 * A trade and a listing make one row, a market and added liquidity one for each outcome. The price of outcome i at a
 * time is `lmsr.price(curve, quantity)`: the curve of the market's last row until then, the quantity of the last one
 * of them that is about i.
 */
export const pricePoint = onchainTable(
  'price_point',
  (t) => ({
    // Of its event and the outcome: sorts in the order of the chain.
    id: t.text().primaryKey(),
    marketId: t.bigint().notNull(),
    outcome: t.integer().notNull(),
    quantity: t.bigint().notNull(),
    b: t.bigint().notNull(),
    offset: t.integer().notNull(),
    sum: t.bigint().notNull(),
    block: t.bigint().notNull(),
    timestamp: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    marketIndex: index().on(table.marketId, table.timestamp, table.id),
    outcomeIndex: index().on(table.marketId, table.outcome, table.timestamp, table.id),
  }),
)
