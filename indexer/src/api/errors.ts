import { graphql } from './graphql.ts'

/** What went wrong, in a word that a program can decide on; `subgraph-schema.graphql` cannot say it. */
export type Code =
  /** An id, a cursor, a filter or another argument that cannot be meant. */
  | 'BAD_INPUT'
  /** More than one answer may hold; the message has the limit and what was asked. */
  | 'TOO_MUCH'
  /** The database took too long. */
  | 'TIMEOUT'
  /** The database cannot be reached. */
  | 'UNAVAILABLE'
  /** What a subscription follows is no longer there, or events of it are void. */
  | 'REORGANISED'
  /** What a subscription is to follow is not there. */
  | 'NOT_FOUND'

const STATUS: Partial<Record<Code, number>> = { TIMEOUT: 504, UNAVAILABLE: 503 }

/** An error that a client sees: what happened, with which values, and in `advice` what to do about it. */
export function apiError(
  code: Code,
  message: string,
  advice: string,
  more: Record<string, unknown> = {},
): InstanceType<typeof graphql.GraphQLError> {
  const status = STATUS[code]
  return new graphql.GraphQLError(message, {
    extensions: { code, advice, ...more, ...(status ? { http: { status } } : {}) },
  })
}
