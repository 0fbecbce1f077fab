import { index } from 'ponder'
import { DISPUTE_STATUS, PHASE, SIDE, TREE } from './enums.ts'
import { onchainTable } from './table.ts'

export const dispute = onchainTable(
  'dispute',
  (t) => ({
    id: t.bigint().primaryKey(),
    claimId: t.bigint().notNull(),
    jobId: t.bigint(),
    place: t.integer().notNull(),
    status: t.text({ enum: DISPUTE_STATUS }).notNull(),
    challengerId: t.hex().notNull(),
    phase: t.text({ enum: PHASE }).notNull(),
    interval: t.bigint(),
    step: t.bigint(),
    node: t.integer(),
    operator: t.text(),
    element: t.bigint(),
    segment: t.bigint(),
    claimedBits: t.hex(),
    rightBits: t.hex(),
    isInt32: t.boolean(),
    openedAt: t.int8({ mode: 'number' }).notNull(),
    admittedAt: t.int8({ mode: 'number' }),
    decidedAt: t.int8({ mode: 'number' }),
    decidedBy: t.text(),
    moveCount: t.integer().notNull(),
    gas: t.bigint().notNull(),
    bondWei: t.bigint().notNull(),
    bondReturnedWei: t.bigint().notNull(),
    bondToSolverWei: t.bigint().notNull(),
    bondBurnedWei: t.bigint().notNull(),
    reward: t.bigint().notNull(),
    costs: t.bigint().notNull(),
    turnStart: t.int8({ mode: 'number' }),
    solverLeft: t.integer().notNull(),
    challengerLeft: t.integer().notNull(),

    // For `turn` and `walk`: what the position says beyond the fields above.
    level: t.integer().notNull(),
    demandTree: t.text({ enum: TREE }).notNull(),
    isDemandOpen: t.boolean().notNull(),
    // The node's output has so many elements, the disputed one so many segments; null until it is told.
    elementCount: t.bigint(),
    segmentCount: t.bigint(),
    // The transaction that `gas` counted last: each is counted once.
    gasOf: t.hex().notNull(),
    // The dispute that waited before it for the same answer of the claim.
    waitsAfter: t.bigint(),
    // Moves that reached a level: the interval, the step, the node, the element, the segment.
    intervalMoveId: t.text(),
    stepMoveId: t.text(),
    nodeMoveId: t.text(),
    elementMoveId: t.text(),
    segmentMoveId: t.text(),
  }),
  (table) => ({
    claimIndex: index().on(table.claimId, table.id),
    jobIndex: index().on(table.jobId, table.id),
    challengerIndex: index().on(table.challengerId, table.id),
    statusIndex: index().on(table.status, table.openedAt),
    openedIndex: index().on(table.openedAt),
  }),
)

export const move = onchainTable(
  'move',
  (t) => ({
    id: t.text().primaryKey(),
    disputeId: t.bigint().notNull(),
    index: t.integer().notNull(),
    name: t.text().notNull(),
    side: t.text({ enum: SIDE }).notNull(),
    sender: t.hex().notNull(),
    phase: t.text({ enum: PHASE }).notNull(),
    position: t.hex().array().notNull(),
    row: t.hex().array(),
    leaf: t.hex(),
    partials: t.hex(),
    gas: t.bigint().notNull(),
    block: t.bigint().notNull(),
    logIndex: t.integer().notNull(),
    timestamp: t.int8({ mode: 'number' }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    disputeIndex: index().on(table.disputeId, table.index),
    transactionIndex: index().on(table.transaction),
  }),
)

export const verdeParametersVersion = onchainTable('verde_parameters_version', (t) => ({
  id: t.integer().primaryKey(),
  window: t.integer().notNull(),
  solverBudget: t.integer().notNull(),
  challengerBudget: t.integer().notNull(),
  extension: t.integer().notNull(),
  heavyExtension: t.integer().notNull(),
  liveLimit: t.integer().notNull(),
  challengerBps: t.integer().notNull(),
  burnBps: t.integer().notNull(),
  bondWei: t.bigint().notNull(),
  costs: t.bigint().notNull(),
  treasury: t.hex().notNull(),
  setAt: t.int8({ mode: 'number' }).notNull(),
}))
