import { attempt, computation, job, lock, operator } from 'ponder:schema'
import { credit, type Db, on, timeOf } from './support/fold.ts'
import { attemptId, lockId } from './support/ids.ts'
import { textOf } from './support/json.ts'
import { plus, type Sums } from './support/numbers.ts'

on('jobRegistry:JobPosted', async ({ event, context: { db } }) => {
  const { job: id, submitter, computation: of, terms, feeBps, penaltyBps } = event.args
  const timestamp = timeOf(event)
  await credit(db, submitter, timestamp, { jobsPosted: 1, spent: terms.reward })
  await db.insert(job).values({
    id,
    status: 'OPEN',
    submitterId: submitter,
    computationId: of,
    reward: terms.reward,
    stake: terms.stake,
    workSeconds: terms.workSeconds,
    deadline: terms.deadline,
    uri: textOf(terms.uri),
    feeBps,
    penaltyBps,
    attemptCount: 0,
    isCancelling: false,
    postedAt: timestamp,
    transaction: event.transaction.hash,
  })
  return {
    job: id,
    totals: { jobsPosted: 1, jobsActive: 1, escrowed: terms.reward },
    today: { jobsPosted: 1 },
  }
})

on('jobRegistry:JobTaken', async ({ event, context: { db } }) => {
  const { job: id, attempt: number, vault, solver, lockId: name } = event.args
  const timestamp = timeOf(event)
  const { workSeconds } = await db.update(job, { id }).set({
    status: 'TAKEN',
    operatorId: solver,
    vaultId: vault,
    takenAt: timestamp,
    attemptCount: number,
  })
  await db.insert(attempt).values({
    id: attemptId(id, number),
    jobId: id,
    number,
    operatorId: solver,
    vaultId: vault,
    lockId: lockId(vault, name),
    outcome: 'WORKING',
    penalty: 0n,
    takenAt: timestamp,
    dueAt: timestamp + workSeconds,
  })
  // The vault makes it with its next event, and does not know what for.
  await db.insert(lock).values({
    id: lockId(vault, name),
    vaultId: vault,
    lockId: name,
    locker: event.log.address,
    amount: 0n,
    remaining: 0n,
    slashed: 0n,
    lockedAt: timestamp,
    attemptId: attemptId(id, number),
  })
  await work(db, solver, timestamp, { jobsTaken: 1 })
  return { job: id, vault }
})

on('jobRegistry:JobClaimed', async ({ event, context: { db } }) => {
  const { job: id, attempt: number, claim, finalStateRoot } = event.args
  const timestamp = timeOf(event)
  const { vaultId, operatorId } = await db
    .update(job, { id })
    .set({ status: 'CLAIMED', claimId: claim, finalStateRoot })
  await db
    .update(attempt, { id: attemptId(id, number) })
    .set({ outcome: 'CLAIMED', claimId: claim, claimedAt: timestamp })
  await work(db, operatorId!, timestamp, {})
  return { job: id, claim, vault: vaultId }
})

on('jobRegistry:JobSettled', async ({ event, context: { db } }) => {
  const { job: id, claim, vault, paid, fee } = event.args
  const timestamp = timeOf(event)
  const { attemptCount, operatorId, computationId } = await db
    .update(job, { id })
    .set({ status: 'SETTLED', paid, fee, endedAt: timestamp })
  await db
    .update(attempt, { id: attemptId(id, attemptCount) })
    .set({ outcome: 'SETTLED', endedAt: timestamp })
  const { steps } = (await db.find(computation, { id: computationId }))!
  await work(db, operatorId!, timestamp, { jobsSettled: 1, stepsSettled: steps, earned: paid })
  return {
    job: id,
    claim,
    vault,
    totals: {
      jobsSettled: 1,
      jobsActive: -1,
      escrowed: -(paid + fee),
      paid,
      fees: fee,
      stepsSettled: steps,
    },
    today: { jobsSettled: 1, paid },
  }
})

on('jobRegistry:JobReopened', async ({ event, context: { db } }) => {
  const { job: id, deadline } = event.args
  await db.update(job, { id }).set({ status: 'OPEN', deadline })
  return { job: id }
})

on('jobRegistry:JobAbandoned', async ({ event, context: { db } }) => {
  const { job: id, attempt: number, vault, penalty } = event.args
  const { operatorId } = await db
    .update(attempt, { id: attemptId(id, number) })
    .set({ outcome: 'ABANDONED', penalty, endedAt: timeOf(event) })
  await db.update(operator, { id: operatorId }).set((row) => plus(row, { jobsAbandoned: 1 }))
  return { job: id, vault }
})

on('jobRegistry:JobCancelRequested', async ({ event, context: { db } }) => {
  await db.update(job, { id: event.args.job }).set({ isCancelling: true })
  return { job: event.args.job }
})

on('jobRegistry:JobCancelled', async ({ event, context: { db } }) => {
  const { job: id, returned } = event.args
  await db.update(job, { id }).set({ status: 'CANCELLED', endedAt: timeOf(event) })
  return { job: id, totals: { jobsActive: -1, escrowed: -returned } }
})

on('jobRegistry:JobExpired', async ({ event, context: { db } }) => {
  const { job: id, returned } = event.args
  await db.update(job, { id }).set({ status: 'EXPIRED', endedAt: timeOf(event) })
  return { job: id, totals: { jobsActive: -1, escrowed: -returned } }
})

/** What an operator did itself. */
const work = async (
  db: Db,
  id: `0x${string}`,
  timestamp: number,
  sums: Sums<typeof operator.$inferSelect>,
): Promise<unknown> =>
  db.update(operator, { id }).set((row) => ({ ...plus(row, sums), lastActiveAt: timestamp }))
