import { graphql } from './graphql.ts'

const { GraphQLError } = graphql

/** What clients see of an error: of one that is not meant for them, only that there was one. */
export function maskError(error: unknown): Error {
  const original = error instanceof GraphQLError ? error.originalError : error
  if (error instanceof GraphQLError && (!original || original instanceof GraphQLError)) return error
  console.error(original)
  return new GraphQLError('The indexer failed at this.', {
    ...(error instanceof GraphQLError
      ? { nodes: error.nodes ?? null, path: error.path ?? null }
      : {}),
    extensions: {
      code: 'INTERNAL_SERVER_ERROR',
      advice: 'It is not your query. Tell whoever operates this indexer, whose log says more.',
      http: { status: 500 },
    },
  })
}
