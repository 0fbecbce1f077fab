import { lmsr } from '@lockstep/deployments/protocol'
import { sql } from 'ponder'
import { type RawRow, relation, select } from '../data/database.ts'
import { apiError } from '../errors.ts'
import type { Computed } from './computed.ts'

interface Given {
  readonly from?: number | null
  readonly to?: number | null
  readonly points?: number | null
  readonly outcomes?: readonly number[] | null
}

export const MOST_POINTS = 500
export const DEFAULT_POINTS = 200
const MOST_OUTCOMES = 16
const DEFAULT_OUTCOMES = 8

/**
 * The time from `from` to `to` is cut into `points` parts; each part in which something was traded gives the state at its
 * last trade, and what was before `from` the state with which it begins.
 */
export const priceHistory: Computed<'market', Given> = async (market, given, context) => {
  const { database } = context
  const from = given.from ?? market.createdAt
  const to = given.to ?? (await context.now())
  const points = given.points ?? DEFAULT_POINTS
  if (points < 1 || points > MOST_POINTS) {
    throw apiError('BAD_INPUT', `points is ${points}.`, `Ask for 1 to ${MOST_POINTS} points.`)
  }
  const outcomes = given.outcomes
    ? checked(given.outcomes, market.outcomeCount)
    : await largest(market.id)
  if (to < from) return { outcomes, points: [] }

  // The market's last row in each part of the time, and the last one before it: an index look-up each.
  const marketId = market.id.toString()
  const times = await select(
    database,
    sql`SELECT DISTINCT ON (r.id) r.id, r.timestamp, r.block, r.b, r."offset", r.sum,
        greatest(r.timestamp, ${from}::bigint) AS at
      FROM (SELECT n, ${from}::bigint - 1 + ((${to}::bigint - ${from}::bigint + 1) * n) / ${points}::bigint AS until
            FROM generate_series(0, ${points}::bigint) AS n) AS part
      CROSS JOIN LATERAL (SELECT * FROM ${relation(database, 'price_point')} p
        WHERE p.market_id = ${marketId} AND p.timestamp <= part.until
        ORDER BY p.timestamp DESC, p.id DESC LIMIT 1) AS r
      ORDER BY r.id`,
  )
  if (times.length === 0) return { outcomes, points: [] }
  const quantities = await select(
    database,
    sql`SELECT t.id, o.outcome, q.quantity
      FROM (VALUES ${sql.join(
        times.map(({ id, timestamp }) => sql`(${id}::text, ${timestamp}::bigint)`),
        sql`, `,
      )}) AS t(id, timestamp)
      CROSS JOIN (VALUES ${sql.join(
        outcomes.map((number) => sql`(${number}::integer)`),
        sql`, `,
      )}) AS o(outcome)
      CROSS JOIN LATERAL (SELECT p.quantity FROM ${relation(database, 'price_point')} p
        WHERE p.market_id = ${marketId} AND p.outcome = o.outcome AND (p.timestamp, p.id) <= (t.timestamp, t.id || '~')
        ORDER BY p.timestamp DESC, p.id DESC LIMIT 1) AS q`,
  )
  const found = new Map(quantities.map((row) => [`${row.id}/${row.outcome}`, row.quantity]))
  return {
    outcomes,
    points: times.map((row: RawRow) => {
      const curve = {
        b: BigInt(String(row.b)),
        offset: BigInt(String(row.offset)),
        sum: BigInt(String(row.sum)),
      }
      return {
        timestamp: Number(row.at),
        block: BigInt(String(row.block)),
        prices: outcomes.map((number) => {
          const quantity = found.get(`${row.id}/${number}`)
          return quantity === undefined ? null : lmsr.price(curve, BigInt(String(quantity)))
        }),
      }
    }),
  }

  async function largest(id: bigint): Promise<number[]> {
    const rows = await select(
      database,
      sql`SELECT number FROM ${relation(database, 'outcome')} WHERE market_id = ${id.toString()}
        ORDER BY quantity DESC, number LIMIT ${DEFAULT_OUTCOMES}`,
    )
    return rows.map(({ number }) => Number(number))
  }
}

function checked(outcomes: readonly number[], count: number): readonly number[] {
  if (outcomes.length > MOST_OUTCOMES) {
    throw apiError(
      'TOO_MUCH',
      `${outcomes.length} outcomes are named; it can be ${MOST_OUTCOMES} at most.`,
      'Ask for the others in another query.',
    )
  }
  const unknown = outcomes.find((number) => number < 0 || number >= count)
  if (unknown === undefined) return outcomes
  throw apiError(
    'BAD_INPUT',
    `There is no outcome ${unknown}: the market has ${count}.`,
    `Name numbers from 0 to ${count - 1}.`,
  )
}
