import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { graphql } from './src/api/graphql.ts'
import { readEntities } from './src/api/sdl/entities.ts'
import { readSdl } from './src/api/sdl/file.ts'
import type { Indexer } from './start.ts'
import { FakeChain } from './testing/chain.ts'
import { type FakeNode, startNode } from './testing/node.ts'
import { selectionOf } from './testing/queries.ts'
import { Bench, reached } from './testing/run.ts'
import { Scenario } from './testing/scenario.ts'
import { FAKE_DEPLOYMENT } from './testing/world.ts'

// The server as it runs, inside of Ponder, over a chain on which nearly everything happens.

const bench = new Bench()
const sdl = readSdl()
const written = new URL('ponder-env.d.ts', import.meta.url)
const writtenAt = statSync(written).mtimeMs
let node: FakeNode
let indexer: Indexer

beforeAll(async () => {
  const chain = new FakeChain(FAKE_DEPLOYMENT)
  const scenario = new Scenario(chain, 20)
  for (let i = 0; i < 16; i++) scenario.block(40)
  node = await startNode(chain)
  indexer = await bench.start(node, 'server')
  await reached(indexer, chain.head.number, 150)
}, 180_000)
afterAll(async () => {
  await indexer.stop()
  await node.stop()
  bench.remove()
})

test('nothing is written into the folder of the code', () => {
  expect(statSync(written).mtimeMs).toBe(writtenAt)
})

async function ask(query: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${indexer.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as {
    data: Record<string, unknown>
    errors?: unknown
  }
  expect(errors).toBeUndefined()
  return data
}

test('the running server is what subgraph-schema.graphql says', async () => {
  const {
    buildClientSchema,
    buildSchema,
    getIntrospectionQuery,
    lexicographicSortSchema,
    printSchema,
  } = graphql
  const running = buildClientSchema(
    (await ask(getIntrospectionQuery({ schemaDescription: true }))) as never,
  )
  expect(printSchema(lexicographicSortSchema(running))).toBe(
    printSchema(lexicographicSortSchema(buildSchema(sdl))),
  )
})

test('every field of every entity has an answer', async () => {
  const schema = graphql.buildSchema(sdl)
  const empty: string[] = []
  for (const { name, many } of readEntities(graphql.parse(sdl))) {
    const type = schema.getType(name) as GraphQLObjectType
    const { [many]: page } = await ask(
      `{ ${many}(first: 20) { totalCount nodes { ${selectionOf(type)} } } }`,
    )
    const { totalCount, nodes } = page as { totalCount: number; nodes: object[] }
    expect(nodes).toHaveLength(Math.min(totalCount, 20))
    if (totalCount === 0) empty.push(many)
  }
  // A table that is empty by mistake would be among them.
  expect(empty).toEqual([])
})

test('gas of a transaction that makes several moves is counted once', async () => {
  const { networks, moves, answers, disputes } = (await ask(`{
    networks { nodes { disputeGas } }
    moves(first: 1000) { nodes { transaction gas dispute { id } } }
    answers(first: 1000) { nodes { transaction gas claim { id } } }
    disputes(first: 1000) { nodes { id gas claim { id } } }
  }`)) as Record<string, { nodes: Priced[] }>
  const sum = (of: readonly Priced[]): bigint =>
    [...new Map(of.map(({ transaction, gas }) => [transaction, BigInt(gas)])).values()].reduce(
      (a, b) => a + b,
      0n,
    )
  expect(BigInt(networks.nodes[0].disputeGas)).toBe(sum([...moves.nodes, ...answers.nodes]))
  let several = 0
  for (const { id, gas, claim } of disputes.nodes) {
    const own = moves.nodes.filter(({ dispute }) => dispute.id === id)
    const given = answers.nodes.filter((answer) => answer.claim.id === claim.id)
    // With some of the claim's answers, those that it waited for or found given.
    const sums = Array.from({ length: 2 ** given.length }, (_, bits) =>
      sum([...own, ...given.filter((_, i) => (bits >> i) & 1)]),
    )
    expect(sums).toContain(BigInt(gas))
    if (new Set(own.map(({ transaction }) => transaction)).size < own.length) several++
  }
  expect(several).toBeGreaterThan(0)
})

interface Priced {
  readonly id: string
  readonly transaction: string
  readonly gas: string
  readonly disputeGas: string
  readonly dispute: { readonly id: string }
  readonly claim: { readonly id: string }
}

test('a subscription given up does the server no harm', async () => {
  for (let i = 0; i < 5; i++) {
    const stop = new AbortController()
    const query = encodeURIComponent('subscription { head { block { number } } }')
    const response = await fetch(`${indexer.url}/graphql?query=${query}`, {
      headers: { accept: 'text/event-stream' },
      signal: stop.signal,
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const reader = response.body!.getReader()
    let text = ''
    while (!text.includes('event: next'))
      text += new TextDecoder().decode((await reader.read()).value)
    expect(text).toContain('"number":')
    stop.abort()
  }
  expect(await ask('{ meta { isSynced chainId } }')).toEqual({
    meta: { isSynced: true, chainId: FAKE_DEPLOYMENT.chainId },
  })
})

// The last one: it ends the server.
test('gives its tables back when it ends, so that the next one need not wait', async () => {
  await indexer.stop()
  const [chain] = readdirSync(join(bench.folder, 'server'))
  const database = new PGlite(join(bench.folder, 'server', chain))
  const { rows } = await database.query(
    `select value->>'is_locked' as locked from "${indexer.schema}"._ponder_meta`,
  )
  await database.close()
  expect(rows).toEqual([{ locked: '0' }])
})
