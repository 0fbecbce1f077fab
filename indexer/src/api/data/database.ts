import { sql } from 'ponder'
import { apiError } from '../errors.ts'

/** A statement with its parameters. */
export type Statement = ReturnType<typeof sql>

/** A row by the names of its columns in the database, as drivers tell values; lists and JSON are for `Table.row` only. */
export type RawRow = Record<string, string | number | bigint | null>

/** What the server needs of Ponder's database. */
export interface Database {
  /**
   * PostgreSQL's schema of the tables. Without it a table that Ponder makes for a while, under the same name, would be
   * read instead: PGlite has one session for all.
   */
  readonly namespace?: string
  readonly execute: (statement: Statement) => Promise<{ rows: Record<string, unknown>[] }>
}

/** A table by its name. */
export const relation = ({ namespace }: Pick<Database, 'namespace'>, name: string): Statement =>
  namespace === undefined
    ? sql`${sql.identifier(name)}`
    : sql`${sql.identifier(namespace)}.${sql.identifier(name)}`

/** Rows of a statement; what the database could not do is an error that clients understand. */
export async function select(database: Database, statement: Statement): Promise<RawRow[]> {
  try {
    return (await database.execute(statement)).rows as RawRow[]
  } catch (error) {
    throw translate(error)
  }
}

/** SQLSTATE of a statement that was cancelled since it took too long, or waited for a lock too long. */
const TOO_LONG = new Set(['57014', '55P03'])
/** Beginnings of SQLSTATEs of a server that is not there for us: connections, resources, shutting down, system errors. */
const AWAY = ['08', '53', '57P', '58', 'XX']

function translate(error: unknown): Error {
  const { code, message } = detailsOf(error)
  if (TOO_LONG.has(code)) {
    return apiError(
      'TIMEOUT',
      'The database took too long for this.',
      'Ask for less at once, or filter and order by fields with an index: ids, relations, times.',
    )
  }
  if (
    AWAY.some((beginning) => code.startsWith(beginning)) ||
    /^E[A-Z]+$/.test(code) ||
    /terminated|closed|timeout|ended|not ready/i.test(message)
  ) {
    return apiError(
      'UNAVAILABLE',
      'The database of the indexer cannot be reached.',
      'Ask again in some seconds; if it lasts, tell whoever operates this indexer.',
    )
  }
  return error instanceof Error ? error : new Error(message)
}

function detailsOf(error: unknown): { code: string; message: string } {
  // A refused connection to a name with several addresses is an AggregateError without a message.
  const { code = '', message = '' } = error as { code?: unknown; message?: unknown }
  return { code: String(code), message: String(message) }
}
