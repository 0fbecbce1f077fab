import { operator, vault } from 'ponder:schema'
import { credit, on, timeOf } from './support/fold.ts'

on('stakeVaultFactory:VaultCreated', async ({ event, context: { db } }) => {
  const { operator: by, vault: address, commissionBps } = event.args
  const timestamp = timeOf(event)
  await credit(db, by, timestamp)
  await db.insert(vault).values({
    id: address,
    operatorId: by,
    commissionBps,
    nextCommissionBps: null,
    nextCommissionFrom: null,
    selfBond: 0n,
    selfBondHeldUntil: null,
    delegated: 0n,
    leaving: 0n,
    shares: 0n,
    locked: 0n,
    slashed: 0n,
    rewards: 0n,
    commission: 0n,
    commissionCollected: 0n,
    delegators: 0,
    isClosed: false,
    createdAt: timestamp,
    era: 0,
  })
  // Who lost a vault may open the next one and keeps its record.
  const before = await db.find(operator, { id: by })
  if (before !== null) {
    await db.update(operator, { id: by }).set({ vaultId: address })
    return { vault: address }
  }
  await db.insert(operator).values({
    id: by,
    vaultId: address,
    jobsTaken: 0,
    jobsSettled: 0,
    jobsAbandoned: 0,
    claimsVoided: 0,
    disputesDefended: 0,
    stepsSettled: 0n,
    earned: 0n,
    slashed: 0n,
    since: timestamp,
    lastActiveAt: timestamp,
  })
  return { vault: address, totals: { operators: 1 } }
})
