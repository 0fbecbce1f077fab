import { index } from 'ponder'
import { EVALUATION_STATUS, VERDICT } from './enums.ts'
import { onchainTable } from './table.ts'

export const evaluator = onchainTable('evaluator', (t) => ({
  id: t.hex().primaryKey(),
  nodesRoot: t.hex().notNull(),
  statesRoot: t.hex().notNull(),
  constantEntriesRoot: t.hex().notNull(),
  initialStateRoot: t.hex().notNull(),
  weightsRoot: t.hex().notNull(),
  rubric: t.hex().notNull(),
  nodes: t.integer().notNull(),
  states: t.integer().notNull(),
  steps: t.bigint().notNull(),
  interval: t.integer().notNull(),
  seed: t.bigint().notNull(),
  scoreState: t.integer().notNull(),
  registeredAt: t.int8({ mode: 'number' }).notNull(),
  contestCount: t.integer().notNull(),
}))

export const contest = onchainTable(
  'contest',
  (t) => ({
    id: t.bigint().primaryKey(),
    openerId: t.hex().notNull(),
    evaluatorId: t.hex().notNull(),
    attester: t.hex().notNull(),
    maxEntrants: t.integer().notNull(),
    entriesClose: t.int8({ mode: 'number' }).notNull(),
    workSeconds: t.integer().notNull(),
    solveSeconds: t.integer().notNull(),
    reward: t.bigint().notNull(),
    stake: t.bigint().notNull(),
    uri: t.text().notNull(),
    roundCount: t.integer().notNull(),
    entrantCount: t.integer().notNull(),
    verdict: t.text({ enum: VERDICT }).notNull(),
    winners: t.integer().array().notNull(),
    seriesId: t.bigint(),
    openedAt: t.int8({ mode: 'number' }).notNull(),
    concludedAt: t.int8({ mode: 'number' }),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    openerIndex: index().on(table.openerId, table.id),
    evaluatorIndex: index().on(table.evaluatorId, table.id),
    seriesIndex: index().on(table.seriesId, table.id),
    openedIndex: index().on(table.openedAt),
  }),
)

export const round = onchainTable(
  'round',
  (t) => ({
    id: t.text().primaryKey(),
    contestId: t.bigint().notNull(),
    number: t.integer().notNull(),
    testSet: t.hex().notNull(),
    root: t.hex(),
    opensAt: t.int8({ mode: 'number' }).notNull(),
    orderBy: t.int8({ mode: 'number' }).notNull(),
    revealedAt: t.int8({ mode: 'number' }),
  }),
  (table) => ({
    numberIndex: index().on(table.contestId, table.number),
  }),
)

export const entrant = onchainTable(
  'entrant',
  (t) => ({
    id: t.text().primaryKey(),
    contestId: t.bigint().notNull(),
    number: t.integer().notNull(),
    ownerId: t.hex().notNull(),
    commitment: t.hex().notNull(),
    provenance: t.hex(),
    modelId: t.hex(),
    scored: t.integer().notNull(),
    total: t.bigint(),
    isWinner: t.boolean().notNull(),
    escrowReturned: t.bigint().notNull(),
    enteredAt: t.int8({ mode: 'number' }).notNull(),
    revealedAt: t.int8({ mode: 'number' }),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    ownerIndex: index().on(table.ownerId, table.id),
    modelIndex: index().on(table.modelId, table.id),
    numberIndex: index().on(table.contestId, table.number),
  }),
)

export const evaluation = onchainTable(
  'evaluation',
  (t) => ({
    id: t.text().primaryKey(),
    contestId: t.bigint().notNull(),
    entrantId: t.text().notNull(),
    roundId: t.text().notNull(),
    jobId: t.bigint().notNull(),
    status: t.text({ enum: EVALUATION_STATUS }).notNull(),
    score: t.integer(),
    reportBy: t.int8({ mode: 'number' }),
    orderedAt: t.int8({ mode: 'number' }).notNull(),
    endedAt: t.int8({ mode: 'number' }),
  }),
  (table) => ({
    entrantIndex: index().on(table.entrantId, table.id),
    jobIndex: index().on(table.jobId, table.id),
  }),
)

export const model = onchainTable(
  'model',
  (t) => ({
    id: t.hex().primaryKey(),
    ownerId: t.hex().notNull(),
    provenance: t.hex(),
    firstRevealedAt: t.int8({ mode: 'number' }).notNull(),
    entryCount: t.integer().notNull(),
    wins: t.integer().notNull(),
  }),
  (table) => ({
    ownerIndex: index().on(table.ownerId, table.id),
    firstRevealedIndex: index().on(table.firstRevealedAt),
  }),
)
