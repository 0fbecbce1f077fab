import DataLoader from 'dataloader'
import type { FieldNode } from 'graphql'
import { type Database, type RawRow, select } from './database.ts'
import type { Filters } from './filter.ts'
import {
  PARENT_COLUMN,
  type Parents,
  type Plan,
  countStatement,
  pageStatement,
  rowsStatement,
} from './page.ts'
import type { Key, Row, Table, Tables } from './tables.ts'

/** A page of a list, read when it is asked for. */
export interface Connection {
  readonly plan: Plan
  page(): Promise<Page>
  count(): Promise<number>
}

export interface Page {
  readonly rows: readonly Row[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** Statements that one request sends: what is asked for in the same turn goes in one. */
export class Loaders {
  readonly database: Database
  readonly tables: Tables
  readonly filters: Filters
  readonly #rows = new Map<Table, DataLoader<Key, Row | undefined, string>>()
  readonly #values = new Map<string, DataLoader<Key, unknown, string>>()
  readonly #lists = new Map<FieldNode, List>()

  constructor(database: Database, tables: Tables, filters: Filters) {
    this.database = database
    this.tables = tables
    this.filters = filters
  }

  /** The row with an id. */
  row(table: Table, id: Key): Promise<Row | undefined> {
    return this.#rowsOf(table).load(id)
  }

  /** A list that hangs on no object. */
  list(plan: Plan): Connection {
    let page: Promise<Page> | undefined
    const read = async (): Promise<Page> =>
      this.#page(plan, await select(this.database, pageStatement(plan)))
    return {
      plan,
      page: () => (page ??= read()),
      count: async () => countOf(await select(this.database, countStatement(plan))),
    }
  }

  /**
   * A list of an object. `node` is the field of the query that asks for it: it asks the same of all objects, so that
   * their lists are read together.
   */
  listOf(node: FieldNode, plan: () => Plan, column: Parents['column'], parent: Key): Connection {
    let list = this.#lists.get(node)
    if (!list) this.#lists.set(node, (list = this.#newList(plan(), column)))
    const { plan: shared, pages, counts } = list
    return { plan: shared, page: () => pages.load(parent), count: () => counts.load(parent) }
  }

  /** A value for each of many ids; `name` says which. */
  batched<T>(
    name: string,
    read: (ids: readonly Key[]) => Promise<readonly T[]>,
    id: Key,
  ): Promise<T> {
    let loader = this.#values.get(name)
    if (!loader) this.#values.set(name, (loader = new DataLoader(read, OPTIONS)))
    return loader.load(id) as Promise<T>
  }

  #newList(plan: Plan, column: Parents['column']): List {
    const read = async (
      statement: typeof pageStatement,
      ids: readonly Key[],
    ): Promise<RawRow[][]> => {
      const rows = await select(this.database, statement(plan, { column, ids }))
      if (ids.length === 1 && !(PARENT_COLUMN in (rows[0] ?? {}))) return [rows]
      const groups = new Map<string, RawRow[]>(ids.map((id) => [String(id), []]))
      for (const row of rows) groups.get(String(row[PARENT_COLUMN]))!.push(row)
      return [...groups.values()]
    }
    return {
      plan,
      pages: new DataLoader(
        async (ids: readonly Key[]) =>
          (await read(pageStatement, ids)).map((rows) => this.#page(plan, rows)),
        OPTIONS,
      ),
      counts: new DataLoader(
        async (ids: readonly Key[]) => (await read(countStatement, ids)).map(countOf),
        OPTIONS,
      ),
    }
  }

  #page(plan: Plan, raw: RawRow[]): Page {
    const { table, limit, fromEnd } = plan
    const hasMore = raw.length > limit
    const rows = raw.slice(0, limit).map((row) => table.row(row))
    if (fromEnd) rows.reverse()
    const known = this.#rowsOf(table)
    for (const row of rows) known.prime(row.id, row)
    return {
      rows,
      // Beside a cursor there is at least the row that it was made of.
      hasNextPage: fromEnd ? plan.hasBefore : hasMore,
      hasPreviousPage: fromEnd ? hasMore : plan.hasAfter,
    }
  }

  #rowsOf(table: Table): DataLoader<Key, Row | undefined, string> {
    let loader = this.#rows.get(table)
    if (!loader) {
      loader = new DataLoader(async (ids: readonly Key[]) => {
        const raw = await select(this.database, rowsStatement(table, ids))
        const rows = new Map(raw.map((one) => table.row(one)).map((row) => [String(row.id), row]))
        return ids.map((id) => rows.get(String(id)))
      }, OPTIONS)
      this.#rows.set(table, loader)
    }
    return loader
  }
}

interface List {
  readonly plan: Plan
  readonly pages: DataLoader<Key, Page, string>
  readonly counts: DataLoader<Key, number, string>
}

const OPTIONS = { cacheKeyFn: String, maxBatchSize: 1_000 }

const countOf = (rows: readonly RawRow[]): number => Number(rows[0].count)
