// PostgreSQL instead of PGlite: the same rows, the same answers, and what happens when it goes away. With a database
// that sorts text by a language, which PGlite cannot.
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestNetwork } from '../keepers/src/testing/network.ts'
import { limitStatements } from './src/api/data/timeLimit.ts'
import { graphql } from './src/api/graphql.ts'
import { readEntities } from './src/api/sdl/entities.ts'
import { readSdl } from './src/api/sdl/file.ts'
import { checkPostgres } from './preflight.ts'
import { type Indexer, startIndexer } from './start.ts'
import { FakeChain } from './testing/chain.ts'
import { playDevnet } from './testing/devnet/play.ts'
import { type FakeNode, startNode } from './testing/node.ts'
import { undergo } from './testing/ordeal.ts'
import { type Postgres, startPostgres } from './testing/postgres.ts'
import { queriesOf } from './testing/queries.ts'
import { Bench, dumpOf, dumpPostgres, reached } from './testing/run.ts'
import { Scenario } from './testing/scenario.ts'
import { FAKE_DEPLOYMENT } from './testing/world.ts'

const bench = new Bench()
let postgres: Postgres

beforeAll(async () => {
  const started = await startPostgres()
  if (started === undefined) throw new Error('PostgreSQL is not installed: apt install postgresql')
  postgres = started
}, 120_000)
afterAll(() => {
  postgres.stop()
  bench.remove()
})

describe('answers', () => {
  let node: FakeNode
  const indexers: Indexer[] = []

  beforeAll(async () => {
    const chain = new FakeChain(FAKE_DEPLOYMENT)
    const scenario = new Scenario(chain, 7)
    for (let i = 0; i < 40; i++) scenario.block(60)
    node = await startNode(chain)
    const english = postgres.database('answers', 'en-US')
    for (const databaseUrl of [undefined, english]) {
      const indexer = await bench.start(node, 'answers', databaseUrl)
      indexers.push(indexer)
      await reached(indexer, chain.head.number, 200)
    }
  }, 600_000)
  afterAll(async () => {
    for (const indexer of indexers) await indexer.stop()
    await node.stop()
  })

  const document = graphql.parse(readSdl())
  const schema = graphql.buildASTSchema(document)
  test.each(readEntities(document))('of $many are the same bytes', async (entity) => {
    for (const query of queriesOf(schema, entity, 20)) {
      const [ours, theirs] = await Promise.all(
        indexers.map(async ({ url }) => {
          const response = await fetch(`${url}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query }),
          })
          return response.text()
        }),
      )
      expect(ours).not.toContain('"errors"')
      expect(theirs).toBe(ours)
    }
  })
})

describe('rows', () => {
  test('of a devnet are the same', async () => {
    const network = await TestNetwork.start()
    try {
      await playDevnet(network)
      const { number } = await network.contracts.chain.head()
      const home = join(network.folder, 'indexer')
      const databaseUrl = postgres.database('devnet', 'en-US')
      const { rpcUrl, deploymentFile } = network.devnet
      const options = { rpcUrl, deploymentFile, pollingInterval: 200, home }
      const index = async (more: { databaseUrl?: string }): Promise<string> => {
        const indexer = await startIndexer({ ...options, ...more })
        await reached(indexer, Number(number), 120)
        await indexer.stop()
        return indexer.schema
      }
      const schema = await index({})
      await index({ databaseUrl })
      const [ours, theirs] = [await dumpOf(home, schema), await dumpPostgres(databaseUrl, schema)]
      // Blocks without events come while the one is indexed and the other is not.
      for (const [table, rows] of ours) expect(theirs.get(table), table).toEqual(rows)
      expect(ours.get('event')!.length).toBeGreaterThan(300)
    } finally {
      await network.stop()
    }
  }, 600_000)

  test('are those of a clean run after reorganisations, errors of the node and restarts', async () => {
    const { troubled, clean, events, reorganised } = await undergo(bench, {
      seed: 6,
      blocks: 34,
      rounds: 4,
      troubles: ['http500', 'rateLimit', 'cut', 'behind'],
      restarts: ['SIGKILL', 'SIGTERM'],
      databaseUrl: postgres.database('ordeal', 'en-US'),
    })
    expect(reorganised).toBeGreaterThan(0)
    expect(clean.get('event')).toHaveLength(events)
    for (const [table, rows] of clean) expect(troubled.get(table), table).toEqual(rows)
  }, 600_000)
})

describe('the database ends, and the indexer', () => {
  test('in the midst of the past and of the present, and nothing is lost', async () => {
    const databaseUrl = postgres.database('ends', 'en-US')
    const chain = new FakeChain(FAKE_DEPLOYMENT)
    const scenario = new Scenario(chain, 9)
    for (let i = 0; i < 60; i++) scenario.block(60)
    const node = await startNode(chain)
    const start = async () => bench.start(node, 'ends', databaseUrl)
    let indexer = await start()
    const events = async (): Promise<number> => {
      const { rows } = await postgres.query(
        databaseUrl,
        `select count(*) as n from "${indexer.schema}".event`,
      )
      return Number(rows[0].n)
    }
    const restart = async (): Promise<void> => {
      process.kill(indexer.pid, 'SIGTERM')
      expect(await indexer.ended).toBe(0)
      indexer = await start()
    }
    const goes = async (): Promise<void> => {
      postgres.kill()
      expect(await ask(indexer, '{ jobs { totalCount } }')).toMatchObject({
        status: 503,
        body: {
          errors: [{ extensions: { code: 'UNAVAILABLE', advice: expect.any(String) as unknown } }],
        },
      })
      postgres.start()
    }
    try {
      await restart()
      await goes()
      await reached(indexer, chain.head.number, 200)
      scenario.block(60)
      await goes()
      await reached(indexer, chain.head.number, 200)
      scenario.reorganise(2, 60)
      await restart()
      await reached(indexer, chain.head.number, 200)
      expect(await events()).toBe(scenario.events)
      await indexer.stop()
      const clean = await bench.start(node, 'clean')
      await reached(clean, chain.head.number, 200)
      await clean.stop()
      const rows = await bench.dump('ends', indexer.schema, databaseUrl)
      for (const [table, expected] of await bench.dump('clean', clean.schema)) {
        expect(rows.get(table), table).toEqual(expected)
      }
    } finally {
      await indexer.stop()
      await node.stop()
    }
  }, 900_000)
})

async function ask({ url }: Indexer, query: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return { status: response.status, body: await response.json() }
}

test('a role or a database that will not do is named at once', async () => {
  await postgres.query(postgres.url, `create role poor login`)
  await postgres.query(
    postgres.url,
    `create database ascii template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'`,
  )
  await expect(checkPostgres(postgres.url.replace('postgres@', 'poor@'))).rejects.toThrow(
    /^poor may not create schemas in PostgreSQL at .*127.0.0.1:\d+\/….*: GRANT CREATE/,
  )
  await expect(checkPostgres(postgres.url.replace(/postgres$/, 'ascii'))).rejects.toThrow(
    /has the encoding SQL_ASCII: make one with ENCODING 'UTF8'/,
  )
  await expect(checkPostgres(postgres.url.replace(/postgres$/, 'nowhere'))).rejects.toThrow(
    /database "nowhere" does not exist/,
  )
})

test('a statement is ended that takes longer than its question may', async () => {
  // As Ponder makes it.
  const pool = new pg.Pool({ connectionString: postgres.url, statement_timeout: 30_000 })
  limitStatements({ driver: { dialect: 'postgres', readonly: pool } }, 50)
  await expect(pool.query('select pg_sleep(10)')).rejects.toMatchObject({ code: '57014' })
  await pool.end()
})
