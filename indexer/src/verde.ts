// Claims, and the money of disputes. Their moves: disputes.ts.
import { programRoot } from '@lockstep/repops/nodes'
import { attempt, claim, computation, dispute, lock, operator, vault } from 'ponder:schema'
import { zeroAddress } from 'viem'
import { credit, type Db, type Folded, on, timeOf } from './support/fold.ts'
import { lockId } from './support/ids.ts'
import { plus, type Sums } from './support/numbers.ts'

on('verde:ComputationRegistered', async ({ event, context: { db } }) => {
  const { id, computation: c } = event.args
  await db.insert(computation).values({
    ...c,
    id,
    program: programRoot(c, [c.nodesRoot, c.statesRoot, c.constantEntriesRoot]),
    steps: BigInt(c.steps),
  })
  return {}
})

on('verde:ClaimMade', async ({ event, context: { db } }) => {
  const { claim: id, input, windowEnd, params } = event.args
  const held = lockId(input.vault, input.lockId)
  const stake = await db.find(lock, { id: held })
  const made = stake?.attemptId ? await db.find(attempt, { id: stake.attemptId }) : null
  await db.insert(claim).values({
    id,
    jobId: made?.jobId ?? null,
    attemptId: made?.id ?? null,
    computationId: input.computation,
    checkpointRoot: input.checkpointRoot,
    finalStateRoot: input.finalStateRoot,
    solver: input.solver,
    delegate: input.delegate === zeroAddress ? null : input.delegate,
    vaultId: input.vault,
    lockId: held,
    parametersId: params,
    madeAt: timeOf(event),
    windowEnd,
    disputeCount: 0,
    disputesActive: 0,
    disputesLost: 0,
    isVoid: false,
    slashed: 0n,
    toChallenger: 0n,
    burned: 0n,
    toTreasury: 0n,
    reserved: 0n,
    transaction: event.transaction.hash,
  })
  return { claim: id, job: made?.jobId, vault: input.vault, totals: { claims: 1 } }
})

on('verde:Admitted', async ({ event, context: { db } }) => {
  const { dispute: id, time } = event.args
  await db.update(dispute, { id }).set({ status: 'LIVE', admittedAt: time })
  return aboutDispute(db, id)
})

on('verde:ClaimVoided', async ({ event, context: { db } }) => {
  const { claim: id, dispute: by, reserved, toChallenger, burned, toTreasury } = event.args
  const timestamp = timeOf(event)
  const { attemptId, vaultId, disputeCount } = (await db.find(claim, { id }))!
  const closed = await closeAfter(db, by, disputeCount, timestamp)
  await db.update(claim, { id }).set(({ disputesActive }) => ({
    disputesActive: disputesActive - closed,
    isVoid: true,
    voidedAt: timestamp,
    voidedById: by,
    slashed: reserved + toChallenger + burned + toTreasury,
    toChallenger,
    burned,
    toTreasury,
    reserved,
  }))
  if (attemptId !== null) {
    await db.update(attempt, { id: attemptId }).set({ outcome: 'VOIDED', endedAt: timestamp })
  }
  await countFor(db, vaultId, { claimsVoided: 1 })
  return {
    ...(await aboutDispute(db, by)),
    totals: { claimsVoided: 1, disputesActive: -closed },
  }
})

/** Disputes of later place have nothing left to show; no event says so. Returns how many there were. */
async function closeAfter(db: Db, by: bigint, count: number, timestamp: number): Promise<number> {
  let closed = 0
  for (let id = by + 1n; id < ((by >> 32n) << 32n) + BigInt(count); id++) {
    const { status } = (await db.find(dispute, { id }))!
    if (status !== 'QUEUED' && status !== 'LIVE') continue
    await db.update(dispute, { id }).set({ status: 'CLOSED', decidedAt: timestamp })
    closed++
  }
  return closed
}

on('verde:RewardPaid', async ({ event, context: { db } }) => {
  const { dispute: id, to, amount } = event.args
  await growDispute(db, id, { reward: amount })
  await credit(db, to, timeOf(event), { disputeRewards: amount })
  return aboutDispute(db, id)
})

on('verde:CostsPaid', async ({ event, context: { db } }) => {
  const { dispute: id, to, amount } = event.args
  await growDispute(db, id, { costs: amount })
  await credit(db, to, timeOf(event), { disputeRewards: amount })
  return aboutDispute(db, id)
})

on('verde:ReserveReleased', async ({ event, context: { db } }) => {
  const { claim: id, amount } = event.args
  const row = await db
    .update(claim, { id })
    .set((c) => plus(c, { reserved: -amount, toTreasury: amount }))
  return { claim: id, job: row.jobId }
})

on('verde:BondReturned', async ({ event, context: { db } }) => {
  const { dispute: id, amountWei } = event.args
  await growDispute(db, id, { bondReturnedWei: amountWei })
  return aboutDispute(db, id)
})

on('verde:BondLost', async ({ event, context: { db } }) => {
  const { dispute: id, toSolverWei, burnedWei } = event.args
  await growDispute(db, id, { bondToSolverWei: toSolverWei, bondBurnedWei: burnedWei })
  return aboutDispute(db, id)
})

const growDispute = async (
  db: Db,
  id: bigint,
  sums: Sums<typeof dispute.$inferSelect>,
): Promise<unknown> => db.update(dispute, { id }).set((row) => plus(row, sums))

/** Adds to the record of the operator that a vault stands behind. */
export async function countFor(
  db: Db,
  vaultId: `0x${string}`,
  sums: Sums<typeof operator.$inferSelect>,
): Promise<void> {
  const { operatorId } = (await db.find(vault, { id: vaultId }))!
  await db.update(operator, { id: operatorId }).set((row) => plus(row, sums))
}

export async function aboutDispute(db: Db, id: bigint): Promise<Folded> {
  const row = await db.find(dispute, { id })
  return { dispute: id, claim: id >> 32n, job: row?.jobId }
}
