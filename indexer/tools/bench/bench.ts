// `npm run bench:indexer [-- --events 100000] [--per-block 100]`: how fast events become rows, and how soon what is
// new, or was taken back, is seen. Prints a table.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Indexer, PONDER, startIndexer } from '../../start.ts'
import { FakeChain } from '../../testing/chain.ts'
import { type FakeNode, startNode } from '../../testing/node.ts'
import { Bench, headOf, reached } from '../../testing/run.ts'
import { Scenario } from '../../testing/scenario.ts'
import { FAKE_DEPLOYMENT } from '../../testing/world.ts'
import { startPeer } from './peer.ts'
import { startPostgres } from './postgres.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    'per-block': { type: 'string', default: '100' },
    only: { type: 'string', default: 'pglite,postgres' },
    'no-peer': { type: 'boolean', default: false },
  },
})
const EVENTS = Number(values.events)
const PER_BLOCK = Number(values['per-block'])
const PATIENCE_SECONDS = 600

const now = (): number => performance.now() / 1000
const rows: (readonly [string, string, string])[] = []
const note = (row: string, value: number | string, unit: string): void => {
  const text = typeof value === 'string' ? value : value.toFixed(value < 100 ? 2 : 0)
  rows.push([row, text, unit])
  console.error(`${row}: ${text} ${unit}`)
}

const chain = new FakeChain(FAKE_DEPLOYMENT)
const scenario = new Scenario(chain, 1)
while (scenario.events < EVENTS) {
  const isNearHead = scenario.events > EVENTS - 10 * PER_BLOCK
  scenario.block(PER_BLOCK, { keep: isNearHead ? 8 : 0 })
}
console.error(`${scenario.events} events in ${chain.blocks.length} blocks`)
const node = await startNode(chain)
const bench = new Bench()
const postgres = values.only.includes('postgres') ? await startPostgres() : undefined
try {
  if (values.only.includes('pglite')) await measure('PGlite', node, undefined)
  if (postgres !== undefined) await measure('PostgreSQL', node, postgres.url)
} finally {
  await node.stop()
  postgres?.stop()
  bench.remove()
}
console.log('\n| row | value | unit |\n|---|---:|---|')
for (const row of rows) console.log(`| ${row.join(' | ')} |`)

async function measure(name: string, at: FakeNode, databaseUrl: string | undefined): Promise<void> {
  const home = name
  const before = scenario.events
  let begun = now()
  const begin = async (): Promise<Indexer> =>
    startIndexer({
      ...{ rpcUrl: at.url, deploymentFile: bench.deploymentFile, pollingInterval: 100 },
      home: join(bench.folder, home),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      log: ({ msg }) => {
        if (msg.startsWith('Started backfill')) begun = now()
      },
    })
  at.calls.clear()
  let indexer = await begin()
  await reached(indexer, chain.head.number, PATIENCE_SECONDS)
  const seconds = now() - begun
  note(`${name}: events indexed`, before / seconds, 'events/s')
  note(
    `${name}: requests for them`,
    [...at.calls.values()].reduce((a, b) => a + b, 0),
    'requests',
  )
  try {
    const seen: number[] = []
    for (let i = 0; i < 5; i++) {
      scenario.block(20)
      seen.push(await untilHead(indexer))
    }
    note(`${name}: block of 20 events seen`, Math.max(...seen), 's')
    scenario.reorganise(5, 20)
    note(`${name}: reorganisation of depth 5`, await untilHead(indexer), 's')
    await indexer.stop()
    const start = now()
    indexer = await begin()
    await reached(indexer, chain.head.number, PATIENCE_SECONDS)
    note(`${name}: restart at head`, now() - start, 's')
  } finally {
    await indexer.stop()
  }
  if (!values['no-peer']) await measurePeer(name, at, databaseUrl)
}

async function untilHead(indexer: Indexer): Promise<number> {
  const start = now()
  await reached(indexer, chain.head.number)
  return now() - start
}

async function measurePeer(name: string, at: FakeNode, databaseUrl: string | undefined) {
  const port = 42_500 + (process.pid % 1_000)
  let begun = now()
  const peer = startPeer(
    PONDER,
    port,
    {
      LOCKSTEP_DEPLOYMENT: bench.deploymentFile,
      LOCKSTEP_RPC: at.url,
      LOCKSTEP_INDEXER_HOME: join(bench.folder, `${name}-peer`),
      // Its own database: the chain's data would be cached in the other.
      ...(databaseUrl === undefined
        ? {}
        : { DATABASE_URL: databaseUrl.replace(/postgres$/, 'template1') }),
    },
    ({ msg }) => {
      if (msg.startsWith('Started backfill')) begun = now()
    },
  )
  try {
    const url = `http://127.0.0.1:${port}`
    while ((await headOf({ url })) < chain.head.number)
      await new Promise((next) => setTimeout(next, 20))
    const seconds = now() - begun
    const vaults = chain.blocks
      .flatMap(({ transactions }) => transactions.flatMap(({ logs }) => logs))
      .filter(({ address }) => Object.values(FAKE_DEPLOYMENT.contracts).includes(address)).length
    note(`${name}: least Ponder app of the same chain`, vaults / seconds, 'events/s')
  } finally {
    await peer.stop()
  }
}
