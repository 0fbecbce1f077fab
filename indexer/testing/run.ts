import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { type Indexer, startIndexer } from '../start.ts'
import type { FakeNode } from './node.ts'
import { FAKE_DEPLOYMENT } from './world.ts'

/** A folder for indexers of the fake chain, gone with `remove`. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-indexer-'))
  readonly deploymentFile = join(this.folder, 'deployment.json')

  constructor() {
    writeFileSync(
      this.deploymentFile,
      JSON.stringify({ ...FAKE_DEPLOYMENT, startBlock: Number(FAKE_DEPLOYMENT.startBlock) }),
    )
  }

  async start(node: FakeNode, home: string, databaseUrl?: string): Promise<Indexer> {
    return startIndexer({
      rpcUrl: node.url,
      deploymentFile: this.deploymentFile,
      home: join(this.folder, home),
      pollingInterval: 100,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      log: ({ level, msg, error }) => {
        if (process.env.LOCKSTEP_SHOW_LOG) console.error(level, msg, error ?? '')
      },
    })
  }

  async dump(home: string, schema: string, databaseUrl?: string): Promise<Rows> {
    return databaseUrl === undefined
      ? dumpOf(join(this.folder, home), schema)
      : dumpPostgres(databaseUrl, schema)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Table, then its rows in the order of their keys. */
export type Rows = Map<string, Record<string, unknown>[]>

/** Every row of an indexer that was stopped. */
export async function dumpOf(home: string, schema: string): Promise<Rows> {
  const [chain] = readdirSync(home)
  const database = new PGlite(join(home, chain))
  try {
    return await dumpFrom(async (text) => (await database.query<Row>(text)).rows, schema)
  } finally {
    await database.close()
  }
}

/** The same from PostgreSQL, with the same values. */
export async function dumpPostgres(databaseUrl: string, schema: string): Promise<Rows> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    types: {
      getTypeParser: (type, format) =>
        (type as number) === INT8
          ? Number
          : (pg.types.getTypeParser(type, format as 'text') as () => unknown),
    },
  })
  await client.connect()
  try {
    return await dumpFrom(async (text) => (await client.query<Row>(text)).rows, schema)
  } finally {
    await client.end()
  }
}

/** Of times and counts, which are far below 2^53. */
const INT8: number = pg.types.builtins.INT8

type Row = Record<string, unknown>

async function dumpFrom(query: (text: string) => Promise<Row[]>, schema: string): Promise<Rows> {
  const tables = await query(
    `select table_name as name from information_schema.tables where table_schema = '${schema}'
     and table_type = 'BASE TABLE' and table_name not like '\\_%' order by 1`,
  )
  const rows: Rows = new Map()
  for (const { name } of tables) {
    rows.set(String(name), await query(`select * from "${schema}"."${String(name)}" order by id`))
  }
  return rows
}

/** Waits until a block's events are in the tables. */
export async function reached(indexer: Indexer, block: number, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const at = await headOf(indexer)
    if (at >= block) return
    if (Date.now() > deadline)
      throw new Error(`at block ${at} of ${block} after ${seconds} seconds`)
    await new Promise((next) => setTimeout(next, 20))
  }
}

/** Waits until so many events are in the tables. */
export async function holds(
  { url }: Pick<Indexer, 'url'>,
  events: number,
  seconds = 60,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ networks { nodes { events } } }"}',
    })
    const { data } = (await response.json()) as {
      data: { networks: { nodes: readonly { events: number }[] } }
    }
    const [held] = data.networks.nodes
    if (held.events === events) return
    if (Date.now() > deadline)
      throw new Error(`${held.events} events of ${events} after ${seconds} seconds`)
    await new Promise((next) => setTimeout(next, 20))
  }
}

export async function headOf({ url }: Pick<Indexer, 'url'>): Promise<number> {
  try {
    // After a restart the status is that of before, until the past is read again.
    if (!(await fetch(`${url}/ready`)).ok) return -1
    const response = await fetch(`${url}/status`)
    const status = (await response.json()) as { chain?: { block: { number: number } | null } }
    return status.chain?.block?.number ?? -1
  } catch {
    return -1
  }
}
