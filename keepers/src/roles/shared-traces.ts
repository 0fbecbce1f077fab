import type { Hash } from '@lockstep/repops'
import type { Contracts } from '../chain/contracts.ts'
import type { SharedTraces } from '../store/server.ts'
import type { Place } from '../trace/place.ts'
import type { Workshop } from '../trace/workshop.ts'

/**
 * What a solver shares of its claims' traces. Everything below the checkpoints costs a replay, so it is given only
 * for an interval or a step that a dispute has opened: a bond stands behind each of them.
 */
export function shareTraces(contracts: Contracts, workshop: Workshop): SharedTraces {
  const find = async (checkpointRoot: Hash, place: Place) => {
    const trace = workshop.finished(checkpointRoot)
    if (trace === undefined) return undefined
    return place.tree === 'checkpoints' || (await isOpened(contracts, place)) ? trace : undefined
  }
  return {
    async row(checkpointRoot, place, node) {
      const trace = await find(checkpointRoot, place)
      return trace && orUndefined(() => trace.row(place, node))
    },
    async leaf(checkpointRoot, place, index) {
      if (place.tree !== 'tensor') return undefined
      const trace = await find(checkpointRoot, place)
      return trace && orUndefined(() => trace.leaf(place.step, place.node, index))
    },
  }
}

/** Whether some claim is bound to the place: its steps or its graph were committed. */
async function isOpened(
  contracts: Contracts,
  place: Exclude<Place, { tree: 'checkpoints' }>,
): Promise<boolean> {
  const { chain, history } = contracts
  const to = await chain.client.getBlockNumber({ cacheTime: 0 })
  const opened =
    place.tree === 'steps'
      ? await history.events('StepsCommitted', { interval: place.interval }, to)
      : await history.events('GraphCommitted', { step: place.step }, to)
  return opened.length > 0
}

async function orUndefined<T>(task: () => Promise<T>): Promise<T | undefined> {
  try {
    return await task()
  } catch (error) {
    // An index that the computation does not have is a question without an answer.
    if (error instanceof RangeError || (error as Error).name === 'MerkleError') return undefined
    throw error
  }
}
