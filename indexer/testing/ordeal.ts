import { Random } from '@lockstep/deployments/testing'
import type { Indexer } from '../start.ts'
import { FakeChain } from './chain.ts'
import { startNode, type Trouble } from './node.ts'
import { type Bench, holds, reached, type Rows } from './run.ts'
import { Scenario } from './scenario.ts'
import { FAKE_DEPLOYMENT } from './world.ts'

export interface Ordeal {
  readonly seed: number
  /** Blocks that lie there at the start, and rounds of what comes then. */
  readonly blocks: number
  readonly rounds: number
  /** What the node does, with one request in twenty-five. */
  readonly troubles: readonly Trouble[]
  readonly restarts: readonly ('SIGTERM' | 'SIGKILL')[]
  /** PostgreSQL for the rows of what goes wrong. */
  readonly databaseUrl?: string
  /** Sees how far it is. */
  readonly note?: (step: string) => void
}

/**
 * Indexes a chain that reorganises while its node fails and the indexer is ended and started again; then the same
 * chain in peace. Returns the rows of both, and of how many events.
 */
export async function undergo(
  bench: Bench,
  { seed, blocks, rounds, troubles, restarts, databaseUrl, note = () => undefined }: Ordeal,
): Promise<{ troubled: Rows; clean: Rows; events: number; reorganised: number }> {
  const random = new Random(seed)
  const chain = new FakeChain(FAKE_DEPLOYMENT)
  const scenario = new Scenario(chain, seed)
  for (let i = 0; i < blocks; i++) scenario.block(12)
  const node = await startNode(chain)
  // A node that is behind makes it take blocks back, of which its head says nothing until there is a next one.
  const whole = async (indexer: Indexer): Promise<void> => {
    await reached(indexer, chain.head.number)
    await holds(indexer, scenario.events)
  }
  let indexer: Indexer | undefined
  try {
    const home = `troubled-${seed}`
    indexer = await bench.start(node, home, databaseUrl)
    const often = (): Trouble =>
      random.below(25) === 0 ? troubles[random.below(troubles.length)] : 'none'
    node.trouble = often
    note('started')
    let reorganised = 0
    for (let round = 0; round < rounds; round++) {
      scenario.block(12)
      await whole(indexer)
      note(`round ${round}`)
      if (random.below(2) === 0) {
        scenario.reorganise(1 + random.below(5), 12)
        reorganised++
        note('reorganised')
      }
      const restart = restarts.at(round)
      if (restart !== undefined) {
        // In the midst of what it does about the newest blocks.
        process.kill(indexer.pid, restart)
        await indexer.ended
        node.trouble = () => 'none'
        indexer = await bench.start(node, home, databaseUrl)
        node.trouble = often
        note(`started again after ${restart}`)
      }
    }
    await whole(indexer)
    await indexer.stop()
    node.trouble = () => 'none'
    note('through')
    const troubled = await bench.dump(home, indexer.schema, databaseUrl)

    indexer = await bench.start(node, `clean-${seed}`)
    await reached(indexer, chain.head.number)
    await indexer.stop()
    const clean = await bench.dump(`clean-${seed}`, indexer.schema)
    return { troubled, clean, events: scenario.events, reorganised }
  } finally {
    await indexer?.stop()
    await node.stop()
  }
}
