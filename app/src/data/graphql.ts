import { initGraphQLTada } from 'gql.tada'
import type { introspection } from './schema.d.ts'

/** Typed documents of subgraph-schema.graphql: `graphql('query …')`. */
export const graphql = initGraphQLTada<{
  introspection: introspection
  scalars: {
    ID: string
    /** A whole number in decimal. */
    BigInt: string
    Bytes: `0x${string}`
    /** Unix seconds. */
    Timestamp: number
    JSON: unknown
  }
}>()

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada'
export { readFragment } from 'gql.tada'
