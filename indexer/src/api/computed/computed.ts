import type { GraphQLResolveInfo } from 'graphql'
import type * as schema from '../../../ponder.schema.ts'
import type { RowOf } from '../data/rows.ts'
import type { Key } from '../data/tables.ts'
import { apiError } from '../errors.ts'
import type { Context } from '../schema/context.ts'

type Name = keyof typeof schema

/** A field that is made of a row. */
export type Computed<N extends Name, Given = object> = (
  row: RowOf<N>,
  given: Given,
  context: Context,
  info: GraphQLResolveInfo,
) => unknown

/** Whole seconds until the last one of a time; 0 when it is over. */
export const timeLeft = (last: number, now: number): number => Math.max(0, last - now)

/** The row of an entity by its id, if there is one. */
export async function find<N extends Name>(
  { loaders, tables }: Context,
  one: N,
  id: Key,
): Promise<RowOf<N> | undefined> {
  for (const table of tables.values()) {
    if (table.entity.one === one) return (await loaders.row(table, id)) as RowOf<N> | undefined
  }
  throw new Error(`no entity ${one}`)
}

/** The same of a row that others name. */
export async function get<N extends Name>(context: Context, one: N, id: Key): Promise<RowOf<N>> {
  const row = await find(context, one, id)
  if (row) return row
  throw apiError(
    'NOT_FOUND',
    `${one} ${id} is not in the tables.`,
    'The indexer takes in a block or takes one back: ask again.',
  )
}
