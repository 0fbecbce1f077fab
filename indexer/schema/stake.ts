import { index } from 'ponder'
import { onchainTable } from './table.ts'

export const operator = onchainTable(
  'operator',
  (t) => ({
    id: t.hex().primaryKey(),
    vaultId: t.hex().notNull(),
    jobsTaken: t.integer().notNull(),
    jobsSettled: t.integer().notNull(),
    jobsAbandoned: t.integer().notNull(),
    claimsVoided: t.integer().notNull(),
    disputesDefended: t.integer().notNull(),
    stepsSettled: t.bigint().notNull(),
    earned: t.bigint().notNull(),
    slashed: t.bigint().notNull(),
    since: t.int8({ mode: 'number' }).notNull(),
    lastActiveAt: t.int8({ mode: 'number' }).notNull(),
  }),
  (table) => ({
    earnedIndex: index().on(table.earned),
    settledIndex: index().on(table.jobsSettled),
  }),
)

export const vault = onchainTable(
  'vault',
  (t) => ({
    id: t.hex().primaryKey(),
    operatorId: t.hex().notNull(),
    commissionBps: t.integer().notNull(),
    nextCommissionBps: t.integer(),
    nextCommissionFrom: t.int8({ mode: 'number' }),
    selfBond: t.bigint().notNull(),
    selfBondHeldUntil: t.int8({ mode: 'number' }),
    delegated: t.bigint().notNull(),
    leaving: t.bigint().notNull(),
    shares: t.bigint().notNull(),
    locked: t.bigint().notNull(),
    slashed: t.bigint().notNull(),
    rewards: t.bigint().notNull(),
    commission: t.bigint().notNull(),
    commissionCollected: t.bigint().notNull(),
    delegators: t.integer().notNull(),
    isClosed: t.boolean().notNull(),
    createdAt: t.int8({ mode: 'number' }).notNull(),

    // Of the leaving class: exits of an older era are void.
    era: t.integer().notNull(),
  }),
  (table) => ({
    operatorIndex: index().on(table.operatorId, table.id),
  }),
)

export const delegation = onchainTable(
  'delegation',
  (t) => ({
    id: t.text().primaryKey(),
    vaultId: t.hex().notNull(),
    ownerId: t.hex().notNull(),
    shares: t.bigint().notNull(),
    deposited: t.bigint().notNull(),
  }),
  (table) => ({
    vaultIndex: index().on(table.vaultId, table.id),
    ownerIndex: index().on(table.ownerId, table.id),
  }),
)

export const lock = onchainTable(
  'lock',
  (t) => ({
    id: t.text().primaryKey(),
    vaultId: t.hex().notNull(),
    lockId: t.hex().notNull(),
    locker: t.hex().notNull(),
    amount: t.bigint().notNull(),
    remaining: t.bigint().notNull(),
    slashed: t.bigint().notNull(),
    lockedAt: t.int8({ mode: 'number' }).notNull(),
    endedAt: t.int8({ mode: 'number' }),
    attemptId: t.text(),
  }),
  (table) => ({
    vaultIndex: index().on(table.vaultId, table.id),
    attemptIndex: index().on(table.attemptId, table.id),
  }),
)

export const slash = onchainTable(
  'slash',
  (t) => ({
    id: t.text().primaryKey(),
    vaultId: t.hex().notNull(),
    operatorId: t.hex().notNull(),
    lockId: t.text().notNull(),
    claimId: t.bigint(),
    to: t.hex().notNull(),
    amount: t.bigint().notNull(),
    fromSelfBond: t.bigint().notNull(),
    fromDelegated: t.bigint().notNull(),
    fromLeaving: t.bigint().notNull(),
    timestamp: t.int8({ mode: 'number' }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    vaultIndex: index().on(table.vaultId, table.id),
    operatorIndex: index().on(table.operatorId, table.id),
    claimIndex: index().on(table.claimId, table.id),
  }),
)

export const exit = onchainTable(
  'exit',
  (t) => ({
    id: t.text().primaryKey(),
    vaultId: t.hex().notNull(),
    controllerId: t.hex().notNull(),
    requestId: t.bigint().notNull(),
    shares: t.bigint().notNull(),
    withdrawnShares: t.bigint().notNull(),
    withdrawn: t.bigint().notNull(),
    requestedAt: t.int8({ mode: 'number' }).notNull(),
    era: t.integer().notNull(),
  }),
  (table) => ({
    vaultIndex: index().on(table.vaultId, table.id),
    controllerIndex: index().on(table.controllerId, table.id),
  }),
)
