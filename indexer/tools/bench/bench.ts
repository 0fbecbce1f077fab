// `npm run bench:indexer [-- --only rates] [--databases pglite,postgres] [--events 100000] [--queries-at 1000000]`: how
// fast events become rows, how soon what is new or was taken back is seen, and how long the explorer's questions take.
// Prints a table.
import { parseArgs } from 'node:util'
import { FakeChain } from '../../testing/chain.ts'
import { type FakeNode, startNode } from '../../testing/node.ts'
import { Bench } from '../../testing/run.ts'
import { Scenario } from '../../testing/scenario.ts'
import { FAKE_DEPLOYMENT } from '../../testing/world.ts'
import { type Database, openPglite, openPostgres } from './databases.ts'
import { measurePeer } from './peer.ts'
import { measureQueries } from './queries.ts'
import { measureRates } from './rates.ts'

export interface World {
  readonly chain: FakeChain
  readonly scenario: Scenario
  readonly node: FakeNode
  readonly bench: Bench
}

/** A row of the table: what, how much, of what unit; and of the peer on the same machine, where there is one. */
export type Note = (what: string, value: number | string, unit: string) => void

/** Events of a block: OP Stack's every two seconds would be 50 events a second. */
const PER_BLOCK = 100
/** Worlds that the scenario can go back to: those that a node may still take back. */
const KEPT_BLOCKS = 8

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'rates,queries' },
    databases: { type: 'string', default: 'pglite,postgres' },
    events: { type: 'string', default: '100000' },
    'queries-at': { type: 'string', default: '1000000' },
  },
})
const parts = values.only.split(',')
const rows: (readonly [string, string, string])[] = []
const noteOf =
  (database: string): Note =>
  (what, value, unit) => {
    const text = typeof value === 'string' ? value : value.toFixed(value < 100 ? 2 : 0)
    rows.push([`${database}: ${what}`, text, unit])
    console.error(rows[rows.length - 1].join(' '))
  }

if (parts.includes('rates')) {
  await withWorld(Number(values.events), async (world, databases) => {
    for (const database of databases) {
      const note = noteOf(database.name)
      const ours = await measureRates(world, database, note)
      const peer = await measurePeer(world, database, note)
      note('of the least Ponder app, chain not read yet', ours.first / peer.first, '×')
      note('of the least Ponder app, chain read before', ours.again / peer.again, '×')
    }
  })
}
if (parts.includes('queries')) {
  await withWorld(Number(values['queries-at']), async (world, databases) => {
    for (const database of databases) {
      await measureQueries(world, database, noteOf(database.name))
    }
  })
}
console.log('\n| row | value | unit |\n|---|---:|---|')
for (const row of rows) console.log(`| ${row.join(' | ')} |`)

async function withWorld(
  events: number,
  measure: (world: World, databases: Database[]) => Promise<void>,
): Promise<void> {
  const chain = new FakeChain(FAKE_DEPLOYMENT)
  const scenario = new Scenario(chain, 1)
  while (scenario.events < events) {
    const isNearHead = scenario.events > events - (KEPT_BLOCKS + 2) * PER_BLOCK
    scenario.block(PER_BLOCK, { keep: isNearHead ? KEPT_BLOCKS : 0 })
  }
  console.error(`${scenario.events} events in ${chain.blocks.length} blocks`)
  const node = await startNode(chain)
  const bench = new Bench()
  const databases: Database[] = []
  try {
    if (values.databases.includes('pglite')) databases.push(openPglite(bench.folder))
    if (values.databases.includes('postgres')) databases.push(await openPostgres())
    await measure({ chain, scenario, node, bench }, databases)
  } finally {
    await node.stop()
    for (const database of databases) database.close()
    bench.remove()
  }
}
