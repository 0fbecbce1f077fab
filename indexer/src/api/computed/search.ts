import { sql } from 'ponder'
import { select } from '../data/database.ts'
import { columnOf, tableAs } from '../data/sql.ts'
import type { Row, Table } from '../data/tables.ts'
import type { Context } from '../schema/context.ts'

/** How many things a search finds at most. */
export const MOST_FOUND = 10

/** Types whose ids are numbers, and those whose ids are bytes, with the column that says how new one is. */
const NUMBERED = {
  Job: 'postedAt',
  Claim: 'madeAt',
  Dispute: 'openedAt',
  Contest: 'openedAt',
  Market: 'createdAt',
  Series: 'createdAt',
}
const HASHED = {
  Account: 'firstSeenAt',
  Operator: 'since',
  Vault: 'createdAt',
  Model: 'firstRevealedAt',
}

type Found = Row & { readonly __typename: string }

/** What a text names: ids as numbers, addresses and hashes or their beginnings. */
export async function search(text: string, context: Context): Promise<Found[]> {
  const wanted = text.trim().toLowerCase()
  const number = /^\d{1,78}$/.test(wanted) ? wanted : undefined
  const digits = /^(?:0x)?([0-9a-f]{6,64})$/.exec(wanted)?.[1]
  const found = await Promise.all([
    ...Object.entries(NUMBERED).map(([name, time]) =>
      number === undefined ? [] : byNumber(name, time, number, context),
    ),
    ...Object.entries(HASHED).map(([name, time]) =>
      digits === undefined ? [] : byBeginning(name, time, `0x${digits}`, context),
    ),
    digits === undefined ? [] : byTransaction(`0x${digits}`, context),
  ])
  return found
    .flat()
    .sort((a, b) => b.time - a.time)
    .slice(0, MOST_FOUND)
    .map(({ row, name }) => ({ ...row, __typename: name }))
}

interface Hit {
  readonly row: Row
  readonly name: string
  readonly time: number
}

const hit = (table: Table, row: Row, time: string): Hit => ({
  row,
  name: table.entity.name,
  time: Number(row[time]),
})

async function byNumber(
  name: string,
  time: string,
  number: string,
  { loaders, tables }: Context,
): Promise<Hit[]> {
  const table = tables.get(name)!
  const row = await loaders.row(table, BigInt(number))
  return row ? [hit(table, row, time)] : []
}

async function byBeginning(
  name: string,
  time: string,
  beginning: string,
  { database, tables }: Context,
): Promise<Hit[]> {
  const table = tables.get(name)!
  const rows = await select(
    database,
    sql`SELECT * FROM ${tableAs(table, 't')} WHERE ${beginsWith('id', beginning)}
      ORDER BY ${columnOf('t', table.columns.get(time)!)} DESC, id LIMIT ${MOST_FOUND}`,
  )
  return rows.map((raw) => hit(table, table.row(raw), time))
}

/** A transaction by the first of its events. */
async function byTransaction(beginning: string, { database, tables }: Context): Promise<Hit[]> {
  const table = tables.get('Event')!
  const rows = await select(
    database,
    sql`SELECT DISTINCT ON (transaction) * FROM ${tableAs(table, 't')}
      WHERE ${beginsWith('transaction', beginning)} ORDER BY transaction, id LIMIT ${MOST_FOUND}`,
  )
  return rows.map((raw) => hit(table, table.row(raw), 'timestamp'))
}

/** As a range, which an index finds: g comes after every hexadecimal digit. */
const beginsWith = (column: string, beginning: string) =>
  sql`t.${sql.identifier(column)} >= ${beginning} AND t.${sql.identifier(column)} < ${`${beginning}g`}`
