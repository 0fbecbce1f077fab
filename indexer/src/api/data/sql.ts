import { type PgColumn, sql } from 'ponder'
import type { Statement } from './database.ts'
import type { Table } from './tables.ts'

/** A column of a table in use under a name. */
export const columnOf = (alias: string, column: PgColumn): Statement =>
  sql`${sql.identifier(alias)}.${sql.identifier(column.name)}`

/** A table in use under a name. */
export const tableAs = (table: Table, alias: string): Statement =>
  sql`${table.relation} AS ${sql.identifier(alias)}`

/** A parameter. Drivers take whole numbers of any size as text. */
export const parameter = (value: unknown): Statement =>
  sql`${typeof value === 'bigint' ? value.toString() : value}`

/** A parameter where the database cannot know its type from what is beside it. */
export const typed = (value: unknown, column: PgColumn): Statement =>
  sql`${parameter(value)}::${sql.raw(column.getSQLType())}`

export const list = (values: readonly unknown[]): Statement =>
  sql.join(values.map(parameter), sql`, `)

/** All of these; what is always so is left out. */
export const all = (conditions: readonly Statement[]): Statement =>
  joined(
    conditions.filter((condition) => condition !== ALWAYS),
    ' AND ',
    ALWAYS,
  )

/** At least one of these. */
export const any = (conditions: readonly Statement[]): Statement =>
  joined(conditions, ' OR ', sql`false`)

export const ALWAYS = sql`true`

function joined(conditions: readonly Statement[], word: string, none: Statement): Statement {
  if (conditions.length < 2) return conditions[0] ?? none
  return sql`(${sql.join([...conditions], sql.raw(word))})`
}
