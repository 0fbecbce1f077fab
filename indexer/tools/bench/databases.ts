import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import { BenchError } from './error.ts'
import { startPostgres } from '../../testing/postgres.ts'

/** Where an indexer keeps its rows. Statements go to it only while no indexer runs: PGlite is one process's. */
export interface Database {
  readonly name: string
  /** What `startIndexer` is told of it. `whose` tells indexers apart that must share nothing. */
  options(whose: string): { readonly home: string; readonly databaseUrl?: string }
  query(whose: string, sql: string): Promise<Record<string, unknown>[]>
  close(): void
}

export function openPglite(folder: string): Database {
  const home = (whose: string): string => join(folder, whose)
  return {
    name: 'PGlite',
    options: (whose) => ({ home: home(whose) }),
    query: async (whose, sql) => {
      // Ours has a folder for each chain below; the peer's has none.
      const below = existsSync(join(home(whose), 'PG_VERSION')) ? [] : readdirSync(home(whose))
      const database = new PGlite(join(home(whose), ...below.slice(0, 1)))
      try {
        return (await database.query<Record<string, unknown>>(sql)).rows
      } finally {
        await database.close()
      }
    },
    close: () => undefined,
  }
}

export async function openPostgres(): Promise<Database> {
  const server = await startPostgres()
  if (server === undefined) {
    throw new BenchError(
      'there is no PostgreSQL 15 here: install Debian’s postgresql, or give --databases pglite',
    )
  }
  // A database for each: what one has read of the chain would be known to the other.
  const urlOf = (whose: string): string =>
    server.url.replace(/postgres$/, whose === 'ours' ? 'postgres' : 'template1')
  return {
    name: 'PostgreSQL',
    options: (whose) => ({ home: '', databaseUrl: urlOf(whose) }),
    query: async (whose, sql) => {
      const client = new Client({ connectionString: urlOf(whose) })
      await client.connect()
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows
      } finally {
        await client.end()
      }
    },
    close: () => {
      server.stop()
    },
  }
}

/** A digest of every row of every table of a schema, by table. */
export async function digestOf(
  database: Database,
  whose: string,
  schema: string,
): Promise<Map<string, string>> {
  const tables = await database.query(
    whose,
    `select table_name as name from information_schema.tables where table_schema = '${schema}'
     and table_type = 'BASE TABLE' and table_name not like '\\_%' order by 1`,
  )
  const each = tables.map(
    ({ name }) =>
      `select '${String(name)}' as name, count(*) || ' rows, ' ||
       coalesce(md5(string_agg(md5(t::text), '' order by id)), '') as digest from "${schema}"."${String(name)}" t`,
  )
  const rows = await database.query(whose, each.join(' union all '))
  return new Map(rows.map(({ name, digest }) => [String(name), String(digest)]))
}
