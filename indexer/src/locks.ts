// Locks of vaults, and what is slashed of them.
import { attempt, lock, operator, slash, vault } from 'ponder:schema'
import type { Address } from 'viem'
import { type Db, idOf, on, timeOf } from './support/fold.ts'
import { lockId } from './support/ids.ts'
import { plus } from './support/numbers.ts'
import { grow } from './vault.ts'

on('vault:Locked', async ({ event, context: { db } }) => {
  const { lockId: name, locker, amount } = event.args
  const vaultId = event.log.address
  const lockedAt = timeOf(event)
  const held = { locker, amount, remaining: amount, lockedAt }
  // There is a row already if the registry told what it is for.
  const row = await db
    .insert(lock)
    .values({
      ...held,
      id: lockId(vaultId, name),
      vaultId,
      lockId: name,
      slashed: 0n,
      endedAt: null,
      attemptId: null,
    })
    .onConflictDoUpdate(held)
  await grow(db, vaultId, { locked: amount })
  return { ...(await aboutLock(db, row)), totals: { locked: amount } }
})

on('vault:Unlocked', async ({ event, context: { db } }) => {
  const { row, released } = await release(
    db,
    event.log.address,
    lockId(event.log.address, event.args.lockId),
    timeOf(event),
  )
  return { ...(await aboutLock(db, row)), totals: { locked: -released } }
})

on('vault:Slashed', async ({ event, context: { db } }) => {
  const { to, amount, fromSelfBond, fromActive, fromLeaving } = event.args
  const vaultId = event.log.address
  const timestamp = timeOf(event)
  const id = lockId(vaultId, event.args.lockId)
  // A penalty comes after the lock's end, a slash is its end.
  const { row, released } = await release(db, vaultId, id, timestamp)
  await db.update(lock, { id }).set({ slashed: row.slashed + amount })
  const { operatorId } = await grow(db, vaultId, {
    selfBond: -fromSelfBond,
    delegated: -fromActive,
    leaving: -fromLeaving,
    slashed: amount,
  })
  await db.update(operator, { id: operatorId }).set((o) => plus(o, { slashed: amount }))
  const about = await aboutLock(db, row)
  await db.insert(slash).values({
    id: idOf(event),
    vaultId,
    operatorId,
    lockId: id,
    claimId: about.claim ?? null,
    to,
    amount,
    fromSelfBond,
    fromDelegated: fromActive,
    fromLeaving,
    timestamp,
    transaction: event.transaction.hash,
  })
  return {
    ...about,
    totals: { locked: -released, staked: -amount, slashed: amount },
    today: { slashed: amount },
  }
})

/** Ends a lock, once: however much of it is free again, all of it is let go. */
async function release(
  db: Db,
  vaultId: Address,
  id: string,
  timestamp: number,
): Promise<{ row: typeof lock.$inferSelect; released: bigint }> {
  const row = (await db.find(lock, { id }))!
  const released = row.remaining
  if (released > 0n) {
    await db.update(lock, { id }).set({ remaining: 0n, endedAt: timestamp })
    await db.update(vault, { id: vaultId }).set(({ locked }) => ({ locked: locked - released }))
  }
  return { row, released }
}

async function aboutLock(
  db: Db,
  { vaultId, attemptId }: typeof lock.$inferSelect,
): Promise<{ vault: Address; job?: bigint; claim?: bigint | null }> {
  const made = attemptId === null ? null : await db.find(attempt, { id: attemptId })
  return made === null
    ? { vault: vaultId }
    : { vault: vaultId, job: made.jobId, claim: made.claimId }
}
