import { sql } from 'ponder'
import { relation, select } from '../data/database.ts'
import { list } from '../data/sql.ts'
import { type Computed, find, get } from './computed.ts'

const BPS = 10_000
/** Shares that a vault counts as issued beyond those there are: `DECIMALS_OFFSET` of StakeVault.sol. */
const VIRTUAL_SHARES = 1_000n

/** Null before the first job came to an end. */
const reliabilityBps: Computed<'operator'> = ({ jobsSettled, claimsVoided, jobsAbandoned }) => {
  const ended = jobsSettled + claimsVoided + jobsAbandoned
  return ended === 0 ? null : Math.floor((jobsSettled * BPS) / ended)
}

const active: Computed<'operator'> = ({ id }, _, { loaders }) =>
  loaders.batched(
    'active',
    async (ids) => {
      const rows = await select(
        loaders.database,
        sql`SELECT operator_id AS id, count(*)::integer AS count FROM ${relation(loaders.database, 'attempt')}
        WHERE operator_id IN (${list(ids)}) AND outcome IN ('WORKING', 'CLAIMED') GROUP BY operator_id`,
      )
      const counts = new Map(rows.map((row) => [row.id, Number(row.count)] as const))
      return ids.map((one) => counts.get(one) ?? 0)
    },
    id,
  )

/** `freeAssets` of StakeVault.sol. */
const free: Computed<'vault'> = ({ selfBond, delegated, locked }) => {
  const backed = selfBond + (selfBond < delegated ? selfBond : delegated)
  return backed > locked ? backed - locked : 0n
}

/** `convertToAssets` of StakeVault.sol. */
const assets: Computed<'delegation'> = async ({ shares, vaultId }, _, context) => {
  const vault = await get(context, 'vault', vaultId)
  return (shares * (vault.delegated + 1n)) / (vault.shares + VIRTUAL_SHARES)
}

/** What was withdrawn whole before the era ended is not. */
const isVoid: Computed<'exit'> = async ({ era, vaultId, shares, withdrawnShares }, _, context) =>
  withdrawnShares < shares && era < (await get(context, 'vault', vaultId)).era

const operator: Computed<'account'> = async ({ id }, _, context) =>
  (await find(context, 'operator', id)) ?? null

export const stake = {
  Operator: { reliabilityBps, active },
  Vault: { free },
  Delegation: { assets },
  Exit: { isVoid },
  Account: { operator },
}
