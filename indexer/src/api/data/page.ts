import { type PgColumn, sql } from 'ponder'
import { apiError } from '../errors.ts'
import type { Direction, Field } from '../sdl/entities.ts'
import { type Place, readCursor } from './cursor.ts'
import type { Statement } from './database.ts'
import type { Filter, Filters } from './filter.ts'
import { ALWAYS, all, any, columnOf, list, parameter, tableAs, typed } from './sql.ts'
import type { Key, Table } from './tables.ts'

/** Arguments of a list, as the contract has them. */
export interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
  readonly where?: Filter | null
  readonly orderBy?: string | null
  readonly orderDirection?: Direction | null
}

export const DEFAULT_PAGE = 50
export const MAX_PAGE = 1_000
/** `totalCount` counts no further. */
export const MAX_COUNT = 10_000

/** A page that is asked for: keyset pagination, ordered by a field and then by id, in the same direction. */
export interface Plan {
  readonly table: Table
  readonly field: Field
  readonly limit: number
  /** Whether the page is taken from the list's end: its rows come from the database in reverse. */
  readonly fromEnd: boolean
  readonly hasAfter: boolean
  readonly hasBefore: boolean
  readonly where: Statement
  /** Rows between the cursors. */
  readonly range: Statement
  readonly order: Statement
}

/** In the statements below. */
const ROW = 't'

/** Reads the arguments of a list; throws at what cannot be meant. */
export function planPage(
  table: Table,
  filters: Filters,
  given: PageArguments,
  byDefault: { readonly orderBy: string; readonly direction: Direction },
): Plan {
  const { first, last, after, before } = given
  if (typeof first === 'number' && typeof last === 'number') {
    throw apiError('BAD_INPUT', 'Both `first` and `last` are given.', 'Give one of them.')
  }
  const fromEnd = typeof last === 'number'
  const limit = last ?? first ?? DEFAULT_PAGE
  if (limit < 0 || limit > MAX_PAGE) {
    throw apiError(
      limit < 0 ? 'BAD_INPUT' : 'TOO_MUCH',
      `${fromEnd ? 'last' : 'first'} is ${limit}; it can be from 0 to ${MAX_PAGE}.`,
      'Ask for pages: `pageInfo.endCursor` is `after` of the next one.',
    )
  }
  const field = table.field(given.orderBy ?? byDefault.orderBy)
  const direction = given.orderDirection ?? (given.orderBy ? 'asc' : byDefault.direction)
  const column = table.column(field)
  const range = [
    ...(after ? [beyond(table, column, readCursor(table, field, after), direction, 'after')] : []),
    ...(before
      ? [beyond(table, column, readCursor(table, field, before), direction, 'before')]
      : []),
  ]
  return {
    table,
    field,
    limit,
    fromEnd,
    hasAfter: Boolean(after),
    hasBefore: Boolean(before),
    where: filters.condition(table, ROW, given.where),
    range: all(range),
    order: orderOf(table, column, direction, fromEnd, ROW),
  }
}

/** One row more than the page, so that it shows whether there are more. */
export function pageStatement(plan: Plan, parents?: Parents): Statement {
  const { table, where, range, order, limit } = plan
  const rows = (own: Statement): Statement => sql`SELECT ${sql.identifier(ROW)}.*
    FROM ${tableAs(table, ROW)} WHERE ${all([own, where, range])} ORDER BY ${order} LIMIT ${limit + 1}`
  if (!parents) return rows(ALWAYS)
  const { column, ids } = parents
  if (ids.length === 1) {
    return rows(sql`${columnOf(ROW, column)} = ${parameter(ids[0])}`)
  }
  // The order within a parent survives: joining laterally goes from parent to parent.
  return sql`SELECT ${PARENT}.id AS ${PARENT}, r.* FROM ${parentRows(parents)}
    CROSS JOIN LATERAL (${rows(sql`${columnOf(ROW, column)} = ${PARENT}.id`)}) AS r`
}

/** How many rows the filter finds, for each parent. */
export function countStatement({ table, where }: Plan, parents?: Parents): Statement {
  const count = (own: Statement): Statement => sql`SELECT count(*)::integer AS count FROM (
    SELECT 1 FROM ${tableAs(table, ROW)} WHERE ${all([own, where])} LIMIT ${MAX_COUNT}) AS c`
  if (!parents) return count(ALWAYS)
  return sql`SELECT ${PARENT}.id AS ${PARENT}, c.count FROM ${parentRows(parents)}
    CROSS JOIN LATERAL (${count(sql`${columnOf(ROW, parents.column)} = ${PARENT}.id`)}) AS c`
}

/** Rows of a table by id. */
export const rowsStatement = (table: Table, ids: readonly Key[]): Statement =>
  sql`SELECT * FROM ${tableAs(table, ROW)} WHERE ${columnOf(ROW, table.id)} IN (${list(ids)})`

/** Objects whose lists are asked for, and the listed rows' column that leads to them. */
export interface Parents {
  readonly column: PgColumn
  readonly ids: readonly Key[]
}

/** Name of the column with the parent's id in the answers for several parents. */
export const PARENT_COLUMN = 'parent of the row'
const PARENT = sql.identifier(PARENT_COLUMN)

const parentRows = ({ column, ids }: Parents): Statement =>
  sql`(VALUES ${sql.join(
    ids.map((id) => sql`(${typed(id, column)})`),
    sql`, `,
  )}) AS ${PARENT}(id)`

/** Rows that stand after (or before) a place in the order. */
function beyond(
  table: Table,
  column: PgColumn,
  { value, id }: Place,
  direction: Direction,
  side: 'after' | 'before',
): Statement {
  const comparison = sql.raw((direction === 'asc') === (side === 'after') ? '>' : '<')
  const [own, ownId] = [columnOf(ROW, column), columnOf(ROW, table.id)]
  const beyondId = sql`${ownId} ${comparison} ${parameter(id)}`
  if (column === table.id) return beyondId
  if (column.notNull) {
    return sql`(${own}, ${ownId}) ${comparison} (${parameter(value)}, ${parameter(id)})`
  }
  // What is null stands at the end.
  if (value === null) {
    const sameAndBeyond = sql`(${own} IS NULL AND ${beyondId})`
    return side === 'after' ? sameAndBeyond : any([sql`${own} IS NOT NULL`, sameAndBeyond])
  }
  return any([
    sql`${own} ${comparison} ${parameter(value)}`,
    sql`(${own} = ${parameter(value)} AND ${beyondId})`,
    ...(side === 'after' ? [sql`${own} IS NULL`] : []),
  ])
}

function orderOf(
  table: Table,
  column: PgColumn,
  direction: Direction,
  fromEnd: boolean,
  alias: string,
): Statement {
  const word = sql.raw((direction === 'asc') === fromEnd ? 'DESC' : 'ASC')
  const byId = sql`${columnOf(alias, table.id)} ${word}`
  if (column === table.id) return byId
  // A column without nulls is ordered as its index is.
  const nulls = sql.raw(column.notNull ? '' : fromEnd ? ' NULLS FIRST' : ' NULLS LAST')
  return sql`${columnOf(alias, column)} ${word}${nulls}, ${byId}`
}
