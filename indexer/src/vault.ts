import { delegation, exit, vault } from 'ponder:schema'
import { type Address, zeroAddress } from 'viem'
import { credit, type Db, on, timeOf } from './support/fold.ts'
import { delegationId, exitId } from './support/ids.ts'
import { plus, type Sums } from './support/numbers.ts'

// Shares that a vault counts beyond those there are (StakeVault.sol).
const VIRTUAL_SHARES = 1_000n
const VIRTUAL_ASSETS = 1n

export const grow = async (
  db: Db,
  id: Address,
  sums: Sums<typeof vault.$inferSelect>,
): Promise<typeof vault.$inferSelect> => db.update(vault, { id }).set((row) => plus(row, sums))

on('vault:Transfer', async ({ event, context: { db } }) => {
  const { from, to, amount } = event.args
  const id = event.log.address
  let delegators = 0
  if (from !== zeroAddress) {
    delegators -= await moveShares(db, id, from, timeOf(event), -amount)
  }
  if (to !== zeroAddress) {
    delegators += await moveShares(db, id, to, timeOf(event), amount)
  }
  if (delegators !== 0) await grow(db, id, { delegators })
  return { vault: id }
})

/** One if the owner begins, or ends, to have any. */
async function moveShares(
  db: Db,
  vaultId: Address,
  owner: Address,
  timestamp: number,
  amount: bigint,
): Promise<number> {
  if (amount === 0n) return 0
  await credit(db, owner, timestamp)
  const row = await db
    .insert(delegation)
    .values({
      id: delegationId(vaultId, owner),
      vaultId,
      ownerId: owner,
      shares: amount,
      deposited: 0n,
    })
    .onConflictDoUpdate(({ shares }) => ({ shares: shares + amount }))
  return amount > 0n ? Number(row.shares === amount) : Number(row.shares === 0n)
}

on('vault:Deposit', async ({ event, context: { db } }) => {
  const { owner, assets, shares } = event.args
  const id = event.log.address
  await grow(db, id, { delegated: assets, shares })
  // Anybody may deposit for the zero address, which has no delegation.
  if (owner !== zeroAddress) {
    await db
      .update(delegation, { id: delegationId(id, owner) })
      .set(({ deposited }) => ({ deposited: deposited + assets }))
  }
  return { vault: id, totals: { staked: assets } }
})

on('vault:RedeemRequest', async ({ event, context: { db } }) => {
  const { controller, owner, requestId, shares } = event.args
  const id = event.log.address
  const timestamp = timeOf(event)
  const { delegated, shares: all, era } = (await db.find(vault, { id }))!
  const assets = (shares * (delegated + VIRTUAL_ASSETS)) / (all + VIRTUAL_SHARES)
  await grow(db, id, { delegated: -assets, leaving: assets, shares: -shares })
  await db
    .update(delegation, { id: delegationId(id, owner) })
    .set(({ deposited }) => ({ deposited: deposited - assets }))
  await credit(db, controller, timestamp)
  await db
    .insert(exit)
    .values({
      id: exitId(id, controller, requestId),
      vaultId: id,
      controllerId: controller,
      requestId,
      shares,
      withdrawnShares: 0n,
      withdrawn: 0n,
      requestedAt: timestamp,
      era,
    })
    // What a void one held is gone: it begins anew.
    .onConflictDoUpdate((row) =>
      row.era < era && row.withdrawnShares < row.shares
        ? { shares, withdrawnShares: 0n, withdrawn: 0n, requestedAt: timestamp, era }
        : { shares: row.shares + shares, requestedAt: timestamp, era },
    )
  return { vault: id }
})

on('vault:Withdraw', async ({ event, context: { db } }) => {
  const { owner: controller, assets, shares } = event.args
  const id = event.log.address
  await grow(db, id, { leaving: -assets })
  await db
    .update(exit, { id: exitId(id, controller, 0n) })
    .set((row) => plus(row, { withdrawnShares: shares, withdrawn: assets }))
  return { vault: id, totals: { staked: -assets } }
})

on('vault:SelfBondDeposited', async ({ event, context: { db } }) => {
  const { assets, heldUntil } = event.args
  const id = event.log.address
  await db
    .update(vault, { id })
    .set(({ selfBond }) => ({ selfBond: selfBond + assets, selfBondHeldUntil: heldUntil }))
  return { vault: id, totals: { staked: assets } }
})

on('vault:SelfBondWithdrawn', async ({ event, context: { db } }) => {
  const { assets } = event.args
  await grow(db, event.log.address, { selfBond: -assets })
  return { vault: event.log.address, totals: { staked: -assets } }
})

on('vault:Rewarded', async ({ event, context: { db } }) => {
  const { amount, commission, toSelfBond } = event.args
  await grow(db, event.log.address, {
    selfBond: toSelfBond,
    delegated: amount - commission - toSelfBond,
    rewards: amount,
    commission,
  })
  return { vault: event.log.address, totals: { staked: amount - commission, rewards: amount } }
})

on('vault:CommissionSet', async ({ event, context: { db } }) => {
  const { bps, validFrom } = event.args
  const now = timeOf(event)
  await db.update(vault, { id: event.log.address }).set((row) => {
    if (validFrom <= now) {
      return { commissionBps: bps, nextCommissionBps: null, nextCommissionFrom: null }
    }
    const isOver = row.nextCommissionFrom !== null && row.nextCommissionFrom <= now
    return {
      ...(isOver ? { commissionBps: row.nextCommissionBps! } : {}),
      nextCommissionBps: bps,
      nextCommissionFrom: validFrom,
    }
  })
  return { vault: event.log.address }
})

on('vault:CommissionCollected', async ({ event, context: { db } }) => {
  await grow(db, event.log.address, { commissionCollected: event.args.amount })
  return { vault: event.log.address }
})

on('vault:ExitsVoided', async ({ event, context: { db } }) => {
  const { era, dust } = event.args
  const id = event.log.address
  await db
    .update(vault, { id })
    .set((row) => ({ ...plus(row, { leaving: -dust, delegated: dust }), era }))
  return { vault: id }
})

on('vault:Closed', async ({ event, context: { db } }) => {
  await db.update(vault, { id: event.log.address }).set({ isClosed: true })
  return { vault: event.log.address }
})
