import { sql } from 'ponder'
import { apiError } from '../errors.ts'
import { type Condition, conditionsOf } from '../sdl/operators.ts'
import type { Statement } from './database.ts'
import { readKey } from './key.ts'
import { all, any, columnOf, list, parameter, tableAs } from './sql.ts'
import type { Table, Tables } from './tables.ts'

/** A filter as GraphQL has checked it: by `key` of its conditions, and `and`, `or`. */
export type Filter = Readonly<Record<string, unknown>>

const MOST_CONDITIONS = 100
const MOST_IN_LIST = 1_000

/** Filters to conditions on rows. */
export class Filters {
  readonly #tables: Tables
  readonly #conditions: ReadonlyMap<string, ReadonlyMap<string, Condition>>

  constructor(tables: Tables) {
    this.#tables = tables
    this.#conditions = new Map(
      Array.from(tables.values(), ({ entity }) => [
        entity.name,
        new Map(conditionsOf(entity).map((condition) => [condition.key, condition])),
      ]),
    )
  }

  /** What a filter asks of the rows of a table that is in use as `alias`. */
  condition(table: Table, alias: string, filter: Filter | null | undefined): Statement {
    return filter ? this.#all(table, alias, filter, { left: MOST_CONDITIONS, tables: 0 }) : all([])
  }

  #all(table: Table, alias: string, filter: Filter, budget: Budget): Statement {
    const conditions = Object.entries(filter).map(([key, value]) => {
      budget.left -= 1
      if (budget.left < 0) {
        throw apiError(
          'TOO_MUCH',
          `The filter has more than ${MOST_CONDITIONS} conditions.`,
          'Say less: an `_in` takes a thousand values.',
        )
      }
      if (key === 'and' || key === 'or') {
        if (value === null) throw isNull(key)
        const parts = (value as Filter[]).map((part) => this.#all(table, alias, part, budget))
        return key === 'and' ? all(parts) : any(parts)
      }
      const condition = this.#conditions.get(table.entity.name)!.get(key)!
      return condition.suffix === '_'
        ? this.#nested(table, alias, condition, value as Filter | null, budget)
        : this.#compare(table, alias, condition, value)
    })
    return all(conditions)
  }

  /** A condition on the one row that a relation leads to. */
  #nested(
    table: Table,
    alias: string,
    { key, field }: Condition,
    filter: Filter | null,
    budget: Budget,
  ): Statement {
    if (filter === null) throw isNull(key)
    const other = this.#tables.get(field.type)!
    const inner = `n${(budget.tables += 1)}`
    return sql`EXISTS (SELECT 1 FROM ${tableAs(other, inner)}
      WHERE ${columnOf(inner, other.id)} = ${columnOf(alias, table.column(field))}
      AND ${this.#all(other, inner, filter, budget)})`
  }

  #compare(table: Table, alias: string, condition: Condition, given: unknown): Statement {
    const { field, key, suffix } = condition
    const target = table.column(field)
    const column = columnOf(alias, target)
    const read = (value: unknown): unknown => {
      if (field.kind === 'relation' || field.type === 'ID') return readKey(target, String(value))
      if (typeof value === 'string' && value.includes('\0')) {
        throw apiError('BAD_INPUT', `${key} has a NUL, which no text has.`, 'Leave it out.')
      }
      return value
    }
    if (given === null) {
      if (suffix === '') return sql`${column} IS NULL`
      if (suffix === '_not') return sql`${column} IS NOT NULL`
      throw isNull(key)
    }
    if (condition.isList) {
      const values = given as unknown[]
      if (values.length > MOST_IN_LIST) {
        throw apiError(
          'TOO_MUCH',
          `${key} has ${values.length} values, more than ${MOST_IN_LIST}.`,
          'Ask in several queries.',
        )
      }
      const found = values.length === 0 ? sql`false` : sql`${column} IN (${list(values.map(read))})`
      // What is null is none of them.
      return suffix === '_in' ? found : sql`(${found}) IS NOT TRUE`
    }
    const value = parameter(read(given))
    switch (suffix) {
      case '':
        return sql`${column} = ${value}`
      case '_not':
        return sql`${column} IS DISTINCT FROM ${value}`
      case '_gt':
        return sql`${column} > ${value}`
      case '_gte':
        return sql`${column} >= ${value}`
      case '_lt':
        return sql`${column} < ${value}`
      case '_lte':
        return sql`${column} <= ${value}`
      case '_contains':
        return sql`strpos(${column}, ${value}) > 0`
      case '_contains_nocase':
        // Letters of A to Z: what else is upper and lower case, databases do not agree on.
        return sql`strpos(lower(${column}), lower(${value}::text COLLATE "C")) > 0`
      case '_starts_with':
        return sql`starts_with(${column}, ${value})`
      default:
        throw new Error(`no meaning for ${key}`)
    }
  }
}

interface Budget {
  /** Conditions that may still be said. */
  left: number
  /** Tables in use so far by nested filters. */
  tables: number
}

const isNull = (key: string): Error =>
  apiError('BAD_INPUT', `${key} is null.`, `Leave ${key} out, or give it a value.`)
