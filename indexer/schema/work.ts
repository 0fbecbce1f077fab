import { index } from 'ponder'
import { ANSWER_KIND, ATTEMPT_OUTCOME, JOB_STATUS } from './enums.ts'
import { onchainTable } from './table.ts'

export const computation = onchainTable('computation', (t) => ({
  id: t.hex().primaryKey(),
  program: t.hex().notNull(),
  nodesRoot: t.hex().notNull(),
  statesRoot: t.hex().notNull(),
  constantEntriesRoot: t.hex().notNull(),
  initialStateRoot: t.hex().notNull(),
  constantsRoot: t.hex().notNull(),
  nodes: t.integer().notNull(),
  states: t.integer().notNull(),
  constants: t.integer().notNull(),
  steps: t.bigint().notNull(),
  interval: t.integer().notNull(),
  seed: t.bigint().notNull(),
}))

export const job = onchainTable(
  'job',
  (t) => ({
    id: t.bigint().primaryKey(),
    status: t.text({ enum: JOB_STATUS }).notNull(),
    submitterId: t.hex().notNull(),
    computationId: t.hex().notNull(),
    reward: t.bigint().notNull(),
    stake: t.bigint().notNull(),
    workSeconds: t.integer().notNull(),
    deadline: t.int8({ mode: 'number' }).notNull(),
    uri: t.text().notNull(),
    feeBps: t.integer().notNull(),
    penaltyBps: t.integer().notNull(),
    attemptCount: t.integer().notNull(),
    isCancelling: t.boolean().notNull(),
    operatorId: t.hex(),
    vaultId: t.hex(),
    takenAt: t.int8({ mode: 'number' }),
    claimId: t.bigint(),
    finalStateRoot: t.hex(),
    paid: t.bigint(),
    fee: t.bigint(),
    evaluationId: t.text(),
    postedAt: t.int8({ mode: 'number' }).notNull(),
    endedAt: t.int8({ mode: 'number' }),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    submitterIndex: index().on(table.submitterId, table.id),
    computationIndex: index().on(table.computationId, table.id),
    operatorIndex: index().on(table.operatorId, table.id),
    statusIndex: index().on(table.status, table.id),
    rewardIndex: index().on(table.reward),
    postedIndex: index().on(table.postedAt),
  }),
)

export const attempt = onchainTable(
  'attempt',
  (t) => ({
    id: t.text().primaryKey(),
    jobId: t.bigint().notNull(),
    number: t.integer().notNull(),
    operatorId: t.hex().notNull(),
    vaultId: t.hex().notNull(),
    lockId: t.text().notNull(),
    outcome: t.text({ enum: ATTEMPT_OUTCOME }).notNull(),
    claimId: t.bigint(),
    penalty: t.bigint().notNull(),
    takenAt: t.int8({ mode: 'number' }).notNull(),
    dueAt: t.int8({ mode: 'number' }).notNull(),
    claimedAt: t.int8({ mode: 'number' }),
    endedAt: t.int8({ mode: 'number' }),
  }),
  (table) => ({
    jobIndex: index().on(table.jobId, table.id),
    operatorOutcomeIndex: index().on(table.operatorId, table.outcome),
  }),
)

export const claim = onchainTable(
  'claim',
  (t) => ({
    id: t.bigint().primaryKey(),
    jobId: t.bigint(),
    attemptId: t.text(),
    computationId: t.hex().notNull(),
    checkpointRoot: t.hex().notNull(),
    finalStateRoot: t.hex().notNull(),
    solver: t.hex().notNull(),
    delegate: t.hex(),
    vaultId: t.hex().notNull(),
    lockId: t.text().notNull(),
    parametersId: t.integer().notNull(),
    madeAt: t.int8({ mode: 'number' }).notNull(),
    windowEnd: t.int8({ mode: 'number' }).notNull(),
    disputeCount: t.integer().notNull(),
    disputesActive: t.integer().notNull(),
    disputesLost: t.integer().notNull(),
    isVoid: t.boolean().notNull(),
    voidedAt: t.int8({ mode: 'number' }),
    voidedById: t.bigint(),
    slashed: t.bigint().notNull(),
    toChallenger: t.bigint().notNull(),
    burned: t.bigint().notNull(),
    toTreasury: t.bigint().notNull(),
    reserved: t.bigint().notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    jobIndex: index().on(table.jobId, table.id),
    computationIndex: index().on(table.computationId, table.id),
    vaultIndex: index().on(table.vaultId, table.id),
    madeIndex: index().on(table.madeAt),
  }),
)

export const answer = onchainTable(
  'answer',
  (t) => ({
    id: t.text().primaryKey(),
    claimId: t.bigint().notNull(),
    kind: t.text({ enum: ANSWER_KIND }).notNull(),
    index: t.bigint().notNull(),
    root: t.hex().notNull(),
    answeredAt: t.int8({ mode: 'number' }).notNull(),
    gas: t.bigint().notNull(),
    block: t.bigint().notNull(),
    logIndex: t.integer().notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    claimIndex: index().on(table.claimId, table.id),
  }),
)

/** Of an answer that is not given: the newest of the disputes that wait for it, each of which names the one before. */
export const waiting = onchainTable('waiting', (t) => ({
  // That of the answer.
  id: t.text().primaryKey(),
  disputeId: t.bigint().notNull(),
}))
