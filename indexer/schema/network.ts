import { index } from 'ponder'
import { onchainTable } from './table.ts'

export const network = onchainTable('network', (t) => ({
  id: t.integer().primaryKey(),
  jobsPosted: t.integer().notNull(),
  jobsActive: t.integer().notNull(),
  jobsSettled: t.integer().notNull(),
  escrowed: t.bigint().notNull(),
  paid: t.bigint().notNull(),
  fees: t.bigint().notNull(),
  stepsSettled: t.bigint().notNull(),
  claims: t.integer().notNull(),
  claimsVoided: t.integer().notNull(),
  disputes: t.integer().notNull(),
  disputesActive: t.integer().notNull(),
  disputesWon: t.integer().notNull(),
  disputesLost: t.integer().notNull(),
  disputeGas: t.bigint().notNull(),
  operators: t.integer().notNull(),
  staked: t.bigint().notNull(),
  locked: t.bigint().notNull(),
  slashed: t.bigint().notNull(),
  burned: t.bigint().notNull(),
  rewards: t.bigint().notNull(),
  contests: t.integer().notNull(),
  models: t.integer().notNull(),
  markets: t.integer().notNull(),
  trades: t.integer().notNull(),
  volume: t.bigint().notNull(),
  supply: t.bigint().notNull(),
  events: t.integer().notNull(),
  updatedAt: t.int8({ mode: 'number' }).notNull(),

  // The transaction that `disputeGas` counted last: each is counted once.
  disputeGasOf: t.hex(),
}))

export const networkDay = onchainTable('network_day', (t) => ({
  id: t.integer().primaryKey(),
  startsAt: t.int8({ mode: 'number' }).notNull(),
  jobsPosted: t.integer().notNull(),
  jobsSettled: t.integer().notNull(),
  paid: t.bigint().notNull(),
  disputes: t.integer().notNull(),
  slashed: t.bigint().notNull(),
  trades: t.integer().notNull(),
  volume: t.bigint().notNull(),
}))

export const account = onchainTable(
  'account',
  (t) => ({
    id: t.hex().primaryKey(),
    balance: t.bigint().notNull(),
    jobsPosted: t.integer().notNull(),
    spent: t.bigint().notNull(),
    disputes: t.integer().notNull(),
    disputeRewards: t.bigint().notNull(),
    trades: t.integer().notNull(),
    volume: t.bigint().notNull(),
    firstSeenAt: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    balanceIndex: index().on(table.balance),
    volumeIndex: index().on(table.volume),
  }),
)

export const event = onchainTable(
  'event',
  (t) => ({
    id: t.text().primaryKey(),
    contract: t.text().notNull(),
    address: t.hex().notNull(),
    name: t.text().notNull(),
    args: t.json().notNull(),
    block: t.bigint().notNull(),
    timestamp: t.int8({ mode: 'number' }).notNull(),
    transaction: t.hex().notNull(),
    logIndex: t.integer().notNull(),
    sender: t.hex().notNull(),
    jobId: t.bigint(),
    claimId: t.bigint(),
    disputeId: t.bigint(),
    vaultId: t.hex(),
    contestId: t.bigint(),
    marketId: t.bigint(),
    seriesId: t.bigint(),
  }),
  (table) => ({
    jobIndex: index().on(table.jobId, table.id),
    claimIndex: index().on(table.claimId, table.id),
    disputeIndex: index().on(table.disputeId, table.id),
    vaultIndex: index().on(table.vaultId, table.id),
    contestIndex: index().on(table.contestId, table.id),
    marketIndex: index().on(table.marketId, table.id),
    seriesIndex: index().on(table.seriesId, table.id),
    contractIndex: index().on(table.contract, table.name, table.id),
    transactionIndex: index().on(table.transaction),
    senderIndex: index().on(table.sender, table.id),
  }),
)
