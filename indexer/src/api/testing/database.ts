import { createRequire } from 'node:module'
import type { PgColumn } from 'ponder'
import * as schema from '../../../ponder.schema.ts'
import type { Database, RawRow, Statement } from '../data/database.ts'

// Ponder's own copies: nothing else may be installed beside them.
const require = createRequire(import.meta.resolve('ponder'))

interface Client {
  query(text: string, parameters?: unknown[]): Promise<{ rows: RawRow[] }>
  exec(text: string): Promise<unknown>
  close(): Promise<void>
}

/** The tables of ponder.schema.ts and Ponder's own in a PostgreSQL of this process. */
export interface TestDatabase extends Database {
  readonly client: Client
  /** Statements since the last look, for counting them. */
  readonly statements: string[]
  /** Adds rows; what they leave out is null, or nothing of its type. */
  insert(table: keyof typeof schema, rows: readonly Record<string, unknown>[]): Promise<void>
  /** Puts the head at a block. */
  setHead(block: number, timestamp: number): Promise<void>
  /** Puts a block beyond reorganisations. */
  finalize(block: number): Promise<void>
  /** Takes all rows out. */
  empty(): Promise<void>
  close(): Promise<void>
}

export async function testDatabase(): Promise<TestDatabase> {
  const { PGlite } = require('@electric-sql/pglite') as { PGlite: new () => Client }
  const { drizzle } = require('drizzle-orm/pglite') as {
    drizzle: (client: Client) => { execute(statement: Statement): Promise<{ rows: RawRow[] }> }
  }
  const client = new PGlite()
  const db = drizzle(client)
  await client.exec(
    [...Object.values(schema).map((table) => ddl(read(table))), ...PONDER_TABLES].join(';\n'),
  )
  const statements: string[] = []
  return {
    client,
    statements,
    execute: (statement) => {
      statements.push(textOf(statement))
      return db.execute(statement)
    },
    insert: async (table, rows) => {
      const { name, columns } = read(schema[table])
      for (let at = 0; at < rows.length; at += 500) {
        await insert(client, name, columns, rows.slice(at, at + 500))
      }
    },
    finalize: async (block) => {
      await client.query(`UPDATE _ponder_checkpoint SET finalized_checkpoint = $1`, [
        checkpointOf(block, 0),
      ])
    },
    setHead: async (block, timestamp) => {
      await client.query(
        `INSERT INTO _ponder_checkpoint VALUES ('chain', 31337, $1, $1, $1)
          ON CONFLICT (chain_name) DO UPDATE SET latest_checkpoint = $1`,
        [checkpointOf(block, timestamp)],
      )
    },
    empty: async () => {
      const names = Object.values(schema).map((table) => `"${read(table).name}"`)
      await client.exec(`TRUNCATE ${[...names, '_ponder_checkpoint'].join(', ')}`)
    },
    close: () => client.close(),
  }
}

const checkpointOf = (block: number, timestamp: number): string =>
  [
    String(timestamp).padStart(10, '0'),
    '31337'.padStart(16, '0'),
    String(block).padStart(16, '0'),
    '9'.repeat(33),
  ].join('')

const PONDER_TABLES = [
  `CREATE TABLE _ponder_meta (key text PRIMARY KEY, value jsonb NOT NULL)`,
  `INSERT INTO _ponder_meta VALUES ('app', '{"is_ready": 1}')`,
  `CREATE TABLE _ponder_checkpoint (chain_name text PRIMARY KEY, chain_id bigint NOT NULL,
    safe_checkpoint varchar(75), latest_checkpoint varchar(75), finalized_checkpoint varchar(75))`,
]

interface TestTable {
  readonly name: string
  readonly columns: Record<string, PgColumn>
}

function read(table: object): TestTable {
  const { [Symbol.for('drizzle:Name')]: name, [Symbol.for('drizzle:Columns')]: columns } =
    table as Record<symbol, unknown>
  return { name: name as string, columns: columns as TestTable['columns'] }
}

const ddl = ({ name, columns }: TestTable): string =>
  `CREATE TABLE "${name}" (${Object.values(columns)
    .map(
      (column) =>
        `"${column.name}" ${column.getSQLType()}${column.primary ? ' PRIMARY KEY' : ''}${column.notNull ? ' NOT NULL' : ''}`,
    )
    .join(', ')})`

async function insert(
  client: Client,
  name: string,
  columns: TestTable['columns'],
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  const keys = Object.keys(columns)
  const json = rows.map((row) =>
    Object.fromEntries(keys.map((key) => [columns[key].name, row[key] ?? emptyOf(columns[key])])),
  )
  const types = keys.map((key) => `"${columns[key].name}" ${columns[key].getSQLType()}`)
  const names = keys.map((key) => `"${columns[key].name}"`).join(', ')
  await client.query(
    `INSERT INTO "${name}" (${names}) SELECT ${names} FROM json_to_recordset($1::json) AS r(${types.join(', ')})`,
    [
      JSON.stringify(json, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    ],
  )
}

/** What a column has that a test does not care about. */
function emptyOf(column: PgColumn): unknown {
  if (!column.notNull) return null
  if (column.enumValues?.length) return column.enumValues[0]
  switch (column.dataType) {
    case 'array':
      return []
    case 'boolean':
      return false
    case 'json':
      return {}
    case 'string':
      return column.columnType === 'PgHex' ? '0x' : ''
    default:
      return 0
  }
}

/** The text of a statement, parameters left out. */
function textOf(statement: Statement): string {
  const { PgDialect } = require('drizzle-orm/pg-core') as {
    PgDialect: new () => { sqlToQuery(statement: Statement): { sql: string } }
  }
  return new PgDialect().sqlToQuery(statement).sql.replace(/\s+/g, ' ')
}
