import type { GraphQLSchema } from 'graphql'
import { graphql, yoga } from '../graphql.ts'
import type { Context } from './context.ts'
import { entityResolvers } from './entities.ts'
import { scalars } from './scalars.ts'
import type { Tables } from '../data/tables.ts'

/** The contract with what answers it. */
export function buildSchema(sdl: string, tables: Tables, own: readonly object[]): GraphQLSchema {
  // What a scalar is said to be stands in the contract only.
  for (const node of graphql.parse(sdl).definitions) {
    if (node.kind === graphql.Kind.SCALAR_TYPE_DEFINITION) {
      scalars[node.name.value].description = node.description?.value
    }
  }
  return yoga.createSchema<Context>({
    typeDefs: sdl,
    resolvers: [scalars, entityResolvers(tables), ...own] as never,
  })
}
