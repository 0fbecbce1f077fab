// A client of others, graphql-sse, on a server that listens: what pages do.
import { serve, type ServerType } from '@hono/node-server'
import { type Client, createClient } from 'graphql-sse'
import type { AddressInfo } from 'node:net'
import { lmsr } from '@lockstep/deployments/protocol'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { testServer } from '../testing/server.ts'
import { ChainClock } from './clock.ts'

const MOST = 2
let database: TestDatabase
let listening: ServerType
let url: string
let block = 1
const clients: Client[] = []

beforeAll(async () => {
  database = await testDatabase()
  await database.setHead(block, 1_000)
  const b = 10n ** 20n
  const { sum, offset } = lmsr.open(b, 2)
  await database.insert('market', [
    { id: 1, status: 'OPEN', closesAt: 9_000, outcomeCount: 2, b, sum, offset },
  ])
  await database.insert(
    'outcome',
    [0, 1].map((number) => ({ id: `1-${number}`, marketId: 1, number })),
  )
  await database.insert('verdeParametersVersion', [{ id: 1 }])
  await database.insert('claim', [{ id: 3, parametersId: 1 }])
  const dispute = {
    claimId: 3,
    status: 'LIVE',
    phase: 'STEPS',
    admittedAt: 900,
    demandTree: 'none',
  }
  await database.insert('dispute', [{ id: 9, ...dispute }])
  const { app } = testServer(database, {
    clock: new ChainClock(() => 1_000),
    limits: { subscriptions: MOST },
    interval: 20,
  })
  await new Promise<void>((done) => {
    listening = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
      done()
    })
  })
  url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/graphql`
})
afterAll(async () => {
  await new Promise((done) => listening.close(done))
  await database.close()
})
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose()
})

function open(query: string) {
  const client = createClient({ url, retryAttempts: 0 })
  clients.push(client)
  const values = client.iterate<Record<string, never>>({ query })
  return { client, next: async () => (await values.next()).value as unknown }
}

async function mine(change: string): Promise<void> {
  await database.client.exec(change)
  await database.setHead((block += 1), 1_000 + 2 * block)
}

it('hears a dispute until it is decided for good', async () => {
  const { next } = open('subscription { dispute(id: "9") { status step } }')
  expect(await next()).toEqual({ data: { dispute: { status: 'LIVE', step: null } } })
  await mine('UPDATE dispute SET step = 4')
  expect(await next()).toEqual({ data: { dispute: { status: 'LIVE', step: '4' } } })
  await mine(`UPDATE dispute SET status = 'WON'`)
  expect(await next()).toEqual({ data: { dispute: { status: 'WON', step: '4' } } })
  expect(await next()).toBeUndefined()
})

it('hears prices', async () => {
  const { next } = open('subscription { market(id: "1") { outcomes { nodes { price } } } }')
  const prices = async () => {
    const { data } = (await next()) as {
      data: { market: { outcomes: { nodes: { price: string }[] } } }
    }
    return data.market.outcomes.nodes.map(({ price }) => BigInt(price))
  }
  const [even] = await prices()
  await mine(`UPDATE outcome SET quantity = 50000000000 WHERE number = 0;
    UPDATE market SET trade_count = 1`)
  const [first, second] = await prices()
  expect(first).toBeGreaterThan(even)
  expect(second).toBe(even)
})

it('makes room when it goes', async () => {
  const query = 'subscription { head { version } }'
  const all = Array.from({ length: MOST }, () => open(query))
  for (const { next } of all) expect(await next()).toHaveProperty('data')
  const refused = { errors: [{ extensions: { code: 'TOO_MUCH', limit: 'subscriptions' } }] }
  expect(await open(query).next()).toMatchObject(refused)
  // Clients that come and go leave nothing behind.
  for (const { client } of all) client.dispose()
  for (let i = 0; i < 5 * MOST; i++) (await enter(query)).dispose()
})

/** A client that has room, as soon as there is some. */
async function enter(query: string): Promise<Client> {
  for (;;) {
    const { client, next } = open(query)
    if ('data' in ((await next()) as object)) return client
    client.dispose()
    await new Promise((done) => setTimeout(done, 20))
  }
}
