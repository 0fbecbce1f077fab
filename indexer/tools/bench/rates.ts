import { type Indexer, type LogLine, startIndexer } from '../../start.ts'
import { reached } from '../../testing/run.ts'
import type { Note, World } from './bench.ts'
import { type Database, digestOf } from './databases.ts'
import { BenchError } from './error.ts'

const PATIENCE_SECONDS = 1_200
const LIVE_BLOCKS = 10
const LIVE_EVENTS = 20
const DEPTH = 5

/** Events a second of the backfill: of a chain that was not read yet, and of one whose blocks are in the database. */
export interface Rates {
  readonly first: number
  readonly again: number
}

/** Indexes a chain twice, with what happens to it in between. Throws if the second time comes to other rows. */
export async function measureRates(world: World, database: Database, note: Note): Promise<Rates> {
  const { chain, scenario } = world
  const head = async (indexer: Indexer): Promise<number> =>
    timed(() => reached(indexer, chain.head.number, PATIENCE_SECONDS))
  let { indexer, watch } = await begin(world, database)
  try {
    await head(indexer)
    const first = watch.rate(world)
    note('events of a chain that was not read yet', first, 'events/s')
    note('the same with the newest 30 blocks, one by one', watch.rateToHead(world), 'events/s')

    const seen: number[] = []
    for (let i = 0; i < LIVE_BLOCKS; i++) {
      scenario.block(LIVE_EVENTS)
      seen.push(await head(indexer))
    }
    note(
      `block of ${LIVE_EVENTS} events seen, the slowest of ${LIVE_BLOCKS}`,
      Math.max(...seen),
      's',
    )
    scenario.reorganise(DEPTH, LIVE_EVENTS)
    note(`reorganisation of depth ${DEPTH} seen`, await head(indexer), 's')
    await indexer.stop()
    note(
      'restart: GraphQL answers',
      await timed(async () => {
        ;({ indexer } = await begin(world, database))
      }),
      's',
    )
    note('restart: then at the head again', await head(indexer), 's')
    await indexer.stop()

    const reorganised = await digestOf(database, 'ours', indexer.schema)
    await database.query('ours', `drop schema "${indexer.schema}" cascade`)
    ;({ indexer, watch } = await begin(world, database))
    await head(indexer)
    await indexer.stop()
    const again = watch.rate(world)
    note('events of a chain that was read before', again, 'events/s')
    const fresh = await digestOf(database, 'ours', indexer.schema)
    const wrong = [...fresh].filter(([table, digest]) => reorganised.get(table) !== digest)
    if (wrong.length > 0) {
      throw new BenchError(
        `other rows than a fresh index has: ${wrong.map(([t, digest]) => `${t} (${reorganised.get(t) ?? 'none'}, not ${digest})`).join(', ')}`,
      )
    }
    note('rows after the reorganisation against a fresh index', 'the same', `${fresh.size} tables`)
    return { first, again }
  } finally {
    await indexer.stop()
  }
}

async function begin(
  { node, bench }: World,
  database: Database,
): Promise<{ indexer: Indexer; watch: BackfillWatch }> {
  const watch = new BackfillWatch()
  const indexer = await startIndexer({
    ...database.options('ours'),
    rpcUrl: node.url,
    deploymentFile: bench.deploymentFile,
    pollingInterval: 100,
    log: watch.see,
  })
  return { indexer, watch }
}

/** When a backfill began and ended, by the log's own times: lines may arrive late. */
export class BackfillWatch {
  #begun = 0
  #ended = 0
  #last = 0

  readonly see = ({ msg, endpoint, time }: LogLine): void => {
    if (msg.startsWith('Started backfill')) this.#begun = Number(time)
    // With its indexes.
    if (endpoint === '/ready') this.#ended = Number(time)
    this.#last = Number(time)
  }

  /** Events of the final blocks, which the backfill reads. */
  rate({ chain }: Pick<World, 'chain'>): number {
    return eventsOf(chain.blocks.slice(0, -FINAL)) / ((this.#ended - this.#begun) / 1_000)
  }

  rateToHead({ chain }: Pick<World, 'chain'>): number {
    return eventsOf(chain.blocks) / ((this.#last - this.#begun) / 1_000)
  }
}

/** Ponder holds blocks for final that are so old. */
const FINAL = 30

export const eventsOf = (blocks: World['chain']['blocks']): number =>
  blocks.reduce(
    (sum, { transactions }) => sum + transactions.reduce((all, { logs }) => all + logs.length, 0),
    0,
  )

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return (performance.now() - start) / 1_000
}
