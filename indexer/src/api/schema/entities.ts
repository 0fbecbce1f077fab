import type { GraphQLFieldResolver } from 'graphql'
import type { Connection } from '../data/loaders.ts'
import { writeCursor } from '../data/cursor.ts'
import { readKey } from '../data/key.ts'
import { type PageArguments, planPage } from '../data/page.ts'
import { type Key, type Row, type Table, type Tables, columnName } from '../data/tables.ts'
import { apiError } from '../errors.ts'
import type { Field } from '../sdl/entities.ts'
import type { Context } from './context.ts'

/** An object of which only the id is known; its row is read when more is asked for. */
export class Reference {
  readonly id: Key

  constructor(id: Key) {
    this.id = id
  }
}

export type Source = Row | Reference

export type Resolver<S, A = Record<string, unknown>> = GraphQLFieldResolver<S, Context, A>
// Resolvers of different objects in one map.
export type Resolvers = Record<string, Record<string, Resolver<never, never>>>

/** Resolvers for all that follows from the contract and the tables: nothing here knows an entity by name. */
export function entityResolvers(tables: Tables): Resolvers {
  const all: Resolvers = { Query: {} }
  for (const table of tables.values()) {
    const { name, one, many, fields } = table.entity
    all[name] = Object.fromEntries(
      fields
        .filter(({ kind }) => kind !== 'computed')
        .map((field) => [field.name, fieldResolver(table, field, tables)]),
    )
    all[`${name}Connection`] = connectionResolvers
    all[`${name}Edge`] = edgeResolvers
    all.Query[one] = findOne(table)
    all.Query[many] = listAll(table)
  }
  return all
}

/** The row of an object; throws if it was there a moment ago and is not any more. */
export async function rowOf(table: Table, source: Source, { loaders }: Context): Promise<Row> {
  if (!(source instanceof Reference)) return source
  const row = await loaders.row(table, source.id)
  if (row) return row
  throw apiError(
    'NOT_FOUND',
    `${table.entity.name} ${source.id} is not in the tables.`,
    'The indexer takes in a block or takes one back: ask again.',
  )
}

function fieldResolver(table: Table, field: Field, tables: Tables): Resolver<Source, never> {
  const key = columnName(field)
  if (field.derived) return derivedResolver(tables.get(listed(field))!, field.derived)
  const value: Resolver<Source, never> = (source, _, context) =>
    source instanceof Reference && key !== 'id'
      ? rowOf(table, source, context).then((row) => row[key])
      : (source as Row)[key]
  // Ids are text to GraphQL, whatever their column is.
  if (key === 'id') return ({ id }) => String(id)
  if (field.kind !== 'relation') return value
  const reference = (id: Key | null): Source | null => (id === null ? null : new Reference(id))
  return (source, ...rest) => {
    const id = value(source, ...rest) as Key | null | Promise<Key | null>
    return id instanceof Promise ? id.then(reference) : reference(id)
  }
}

/** Type of the rows of a list whose type is a connection. */
const listed = ({ type }: Field): string => type.replace(/Connection$/, '')

function derivedResolver(
  table: Table,
  { from, orderBy, direction }: NonNullable<Field['derived']>,
): Resolver<Source, never> {
  const column = table.column(table.field(from))
  return (source, given: PageArguments, { loaders, filters }, { fieldNodes }) =>
    loaders.listOf(
      fieldNodes[0],
      () => planPage(table, filters, given, { orderBy, direction }),
      column,
      source.id,
    )
}

const findOne =
  (table: Table): Resolver<never, never> =>
  async (_, { id }: { id: string }, { loaders }) =>
    (await loaders.row(table, readKey(table.id, id))) ?? null

const listAll =
  (table: Table): Resolver<never, never> =>
  (_, given: PageArguments, { loaders, filters }) =>
    loaders.list(planPage(table, filters, given, { orderBy: 'id', direction: 'asc' }))

interface Edge {
  readonly connection: Connection
  readonly node: Row
}

const cursorOf = ({ plan }: Connection, row: Row | undefined): string | null =>
  row ? writeCursor(plan.table, plan.field, row) : null

const connectionResolvers: Record<string, Resolver<never, never>> = {
  nodes: async (connection: Connection) => (await connection.page()).rows,
  edges: async (connection: Connection): Promise<Edge[]> =>
    (await connection.page()).rows.map((node) => ({ connection, node })),
  totalCount: (connection: Connection) => connection.count(),
  pageInfo: async (connection: Connection) => {
    const { rows, hasNextPage, hasPreviousPage } = await connection.page()
    return {
      hasNextPage,
      hasPreviousPage,
      startCursor: cursorOf(connection, rows[0]),
      endCursor: cursorOf(connection, rows.at(-1)),
    }
  },
}

const edgeResolvers: Record<string, Resolver<never, never>> = {
  cursor: ({ connection, node }: Edge) => cursorOf(connection, node),
}
