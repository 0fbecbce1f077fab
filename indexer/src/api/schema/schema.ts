import type { GraphQLSchema } from 'graphql'
import { yoga } from '../graphql.ts'
import type { Context } from './context.ts'
import { entityResolvers } from './entities.ts'
import { scalars } from './scalars.ts'
import type { Tables } from '../data/tables.ts'

/** The contract with what answers it. */
export const buildSchema = (sdl: string, tables: Tables, own: readonly object[]): GraphQLSchema =>
  yoga.createSchema<Context>({
    typeDefs: sdl,
    resolvers: [scalars, entityResolvers(tables), ...own] as never,
  })
