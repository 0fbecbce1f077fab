import { readClaimIds } from '../chain/claims.ts'
import type { Head } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import { readJob, readJobCount } from '../chain/jobs.ts'
import { fail } from '../errors.ts'
import { isFinal } from './submitter.ts'

/** A claim that was made, and the block of its event. */
export interface SeenClaim {
  readonly id: bigint
  readonly block: bigint
}

/** Finds claims as they are made, each once. */
export class ClaimWatch {
  readonly #contracts: Contracts
  readonly #seen = new Set<bigint>()
  readonly #finalJobs = new Set<bigint>()

  constructor(contracts: Contracts) {
    this.#contracts = contracts
  }

  /** The claims of blocks up to the head that were not returned before, by their events. */
  async read({ number }: Pick<Head, 'number'>): Promise<SeenClaim[]> {
    const found = await readClaimIds(this.#contracts, this.#contracts.fromBlock, number)
    const fresh = found.filter(({ id }) => !this.#seen.has(id))
    for (const { id } of fresh) this.#seen.add(id)
    return fresh
  }

  /**
   * Throws if a job holds a claim of which no event was seen. An endpoint that keeps events back would leave wrong
   * claims unchecked without a word; what the contracts store is harder to hide.
   */
  async compareWithJobs(): Promise<void> {
    const { chain, fromBlock, history } = this.#contracts
    const count = await readJobCount(this.#contracts)
    for (let id = 1n; id <= count; id++) {
      if (this.#finalJobs.has(id)) continue
      const job = await readJob(this.#contracts, id)
      if (isFinal(job)) this.#finalJobs.add(id)
      if (job.status !== 'claimed' || this.#seen.has(job.claim)) continue
      // It may be younger than the head that was read; it is not younger than now.
      const to = await chain.client.getBlockNumber({ cacheTime: 0 })
      const found = await readClaimIds(this.#contracts, fromBlock, to)
      if (found.some((claim) => claim.id === job.claim)) continue
      history.restart()
      throw fail.lyingRpc({
        what: `job ${id} holds claim ${job.claim}, of which there is no event`,
        where: `events from block ${fromBlock} on`,
        advice: 'use an --rpc that serves all events: claims go unchecked with this one',
      })
    }
  }
}
