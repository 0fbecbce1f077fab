import type { Tables } from '../data/tables.ts'
import type { Context } from '../schema/context.ts'
import { type Resolver, type Resolvers, type Source, rowOf } from '../schema/entities.ts'
import { disputes } from './disputes.ts'
import { markets } from './markets.ts'
import { metaOf } from './meta.ts'
import { search } from './search.ts'
import { stake } from './stake.ts'
import { work } from './work.ts'

/** `Computed` of any entity. */
type Compute = (row: never, given: never, context: Context, info: never) => unknown

/** Resolvers of all fields with `@computed`, and of the fields of `Query` that no entity has. */
export function computedResolvers(tables: Tables): Resolvers {
  const types: Record<string, Record<string, Compute>> = {
    ...work,
    ...disputes,
    ...stake,
    ...markets,
  }
  const query: Record<string, Resolver<never, never>> = {
    meta: async (_, __, context) => metaOf(await context.head(), context),
    search: (_, { text }: { text: string }, context) => search(text, context),
  }
  return {
    Query: query,
    ...Object.fromEntries(
      Object.entries(types).map(([name, fields]) => [
        name,
        Object.fromEntries(
          Object.entries(fields).map(([field, compute]) => [
            field,
            async (source: Source, given: never, context: Context, info: never) =>
              compute(
                (await rowOf(tables.get(name)!, source, context)) as never,
                given,
                context,
                info,
              ),
          ]),
        ),
      ]),
    ),
  }
}
