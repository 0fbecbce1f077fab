import { liquidityPosition, position } from 'ponder:schema'
import { type Address, zeroAddress } from 'viem'
import { credit, type Db } from './support/fold.ts'
import { liquidityId, outcomeId, positionId } from './support/ids.ts'
import { plus, type Sums } from './support/numbers.ts'

/** Adds to what an owner has of an outcome. */
export async function putPosition(
  db: Db,
  market: bigint,
  outcome: number | bigint,
  owner: Address,
  timestamp: number,
  sums: Sums<typeof position.$inferSelect>,
): Promise<void> {
  // Shares can be sent there, and redeemed for it if they pay nothing.
  if (owner === zeroAddress) return
  await credit(db, owner, timestamp)
  await db
    .insert(position)
    .values({
      shares: 0n,
      bought: 0n,
      sold: 0n,
      paid: 0n,
      received: 0n,
      redeemed: 0n,
      ...sums,
      id: positionId(market, outcome, owner),
      marketId: market,
      outcomeId: outcomeId(market, outcome),
      ownerId: owner,
      updatedAt: timestamp,
    })
    .onConflictDoUpdate((row) => ({ ...plus(row, sums), updatedAt: timestamp }))
}

/** Adds to what an owner has of a market's liquidity. */
export async function putLiquidity(
  db: Db,
  market: bigint,
  owner: Address,
  timestamp: number,
  sums: Sums<typeof liquidityPosition.$inferSelect>,
): Promise<void> {
  if (owner === zeroAddress) return
  await credit(db, owner, timestamp)
  await db
    .insert(liquidityPosition)
    .values({
      shares: 0n,
      paid: 0n,
      redeemed: 0n,
      ...sums,
      id: liquidityId(market, owner),
      marketId: market,
      ownerId: owner,
      updatedAt: timestamp,
    })
    .onConflictDoUpdate((row) => ({ ...plus(row, sums), updatedAt: timestamp }))
}
