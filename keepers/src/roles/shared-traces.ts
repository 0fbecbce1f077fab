import type { Hash } from '@lockstep/repops'
import type { Claim } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import { StrangersQueue } from '../store/queue.ts'
import type { TraceSource } from '../store/server.ts'
import type { NodeAt, Place } from '../trace/place.ts'
import type { Trace } from '../trace/trace.ts'

// Questions that may wait for a replay, and the part of the machine's time that replays for strangers get.
const MOST_WAITING = 16
const SHARE = 0.25

/**
 * What a keeper shares of the traces of the claims that it answers for. Everything below the checkpoints costs a
 * replay, so it is given only for an interval or a step that a dispute of such a claim has opened, behind each of
 * which a bond stands, and out of a short queue.
 */
export class SharedTraces implements TraceSource {
  readonly #contracts: Contracts
  readonly #queue = new StrangersQueue(MOST_WAITING, SHARE)
  readonly #shared = new Map<Hash, { readonly trace: Trace; readonly claims: Set<bigint> }>()
  readonly #opened = new Set<string>()

  constructor(contracts: Contracts) {
    this.#contracts = contracts
  }

  /** Shares the trace of a claim that is this keeper's to answer for. */
  offer({ id, checkpointRoot }: Claim, trace: Trace): void {
    const shared = this.#shared.get(checkpointRoot) ?? { trace, claims: new Set() }
    shared.claims.add(id)
    this.#shared.set(checkpointRoot, shared)
  }

  /** Ends it: the claim is decided. */
  withdraw({ id, checkpointRoot }: Pick<Claim, 'id' | 'checkpointRoot'>): void {
    const shared = this.#shared.get(checkpointRoot)
    shared?.claims.delete(id)
    if (shared?.claims.size === 0) this.#shared.delete(checkpointRoot)
  }

  row(checkpointRoot: Hash, place: Place, node: NodeAt): Promise<readonly Hash[] | undefined> {
    return this.#answer(checkpointRoot, place, (trace) => trace.row(place, node))
  }

  leaf(checkpointRoot: Hash, place: Place, index: number): Promise<Uint8Array | undefined> {
    if (place.tree !== 'tensor') return Promise.resolve(undefined)
    return this.#answer(checkpointRoot, place, (trace) => trace.leaf(place.step, place.node, index))
  }

  async #answer<T>(
    checkpointRoot: Hash,
    place: Place,
    ask: (trace: Trace) => Promise<T>,
  ): Promise<T | undefined> {
    const shared = this.#shared.get(checkpointRoot)
    if (shared === undefined) return undefined
    const { trace, claims } = shared
    if (place.tree === 'checkpoints') return orUndefined(() => ask(trace))
    return this.#queue.do(async () =>
      (await this.#isOpened([...claims], place)) ? orUndefined(() => ask(trace)) : undefined,
    )
  }

  /** Whether one of the claims is bound to the place: its steps or its graph were committed. */
  async #isOpened(
    claims: readonly bigint[],
    place: Exclude<Place, { tree: 'checkpoints' }>,
  ): Promise<boolean> {
    const at = place.tree === 'steps' ? `interval ${place.interval}` : `step ${place.step}`
    const key = `${claims.join()} ${at}`
    if (this.#opened.has(key)) return true
    const { chain, history } = this.#contracts
    const to = await chain.client.getBlockNumber({ cacheTime: 0 })
    for (const claim of claims) {
      const committed =
        place.tree === 'steps'
          ? await history.events('StepsCommitted', { claim, interval: place.interval }, to)
          : await history.events('GraphCommitted', { claim, step: place.step }, to)
      if (committed.length === 0) continue
      this.#opened.add(key)
      return true
    }
    return false
  }
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
