import type { DisputeStatus } from '@lockstep/deployments/protocol'
import { readClaim } from '../chain/claims.ts'
import { type Dispute, isOpen, readStatus } from '../chain/disputes.ts'
import type { Side } from './answering.ts'
import type { Keeper } from './keeper.ts'

const OUTCOMES: Record<Side, Partial<Record<DisputeStatus, string>>> = {
  challenger: { won: 'won', lost: 'lost', closed: 'closed' },
  solver: { won: 'lost', lost: 'won', closed: 'closed' },
}

/**
 * What graphs and alarms are told of the claims that a keeper stands for and of its disputes: how many are open, when the
 * first of its own moves is due, how they were decided. What could not be read at a look stands as it was seen before,
 * since its clock runs on.
 */
export class Standing {
  readonly #keeper: Pick<Keeper, 'contracts' | 'metrics'>
  readonly #side: Side
  readonly #claims = new Set<bigint>()
  readonly #disputes = new Map<bigint, Dispute>()
  /** What was seen since the last count, of both: ids of disputes hold their claim's, shifted, so they never meet. */
  readonly #seen = new Set<bigint>()

  constructor(keeper: Pick<Keeper, 'contracts' | 'metrics'>, side: Side) {
    this.#keeper = keeper
    this.#side = side
    // From zero on, or the first one of each would be no rise.
    const { decidedClaims, decidedDisputes } = keeper.metrics
    for (const outcome of ['won', 'lost', 'closed']) decidedDisputes.inc({ outcome }, 0)
    if (side === 'solver')
      for (const outcome of ['upheld', 'void']) decidedClaims.inc({ outcome }, 0)
  }

  /** Notes claims that are pending and the disputes of this keeper among theirs. */
  see(claims: readonly bigint[], disputes: readonly Dispute[]): void {
    for (const id of claims) {
      this.#claims.add(id)
      this.#seen.add(id)
    }
    for (const dispute of disputes.filter(isOpen)) {
      this.#disputes.set(dispute.id, dispute)
      this.#seen.add(dispute.id)
    }
  }

  /** Counts what was seen, and how those were decided that are no longer open. */
  async count(): Promise<void> {
    const { contracts, metrics } = this.#keeper
    const gone = (id: bigint) => !this.#seen.has(id)
    for (const id of [...this.#claims].filter(gone)) {
      const { status } = await readClaim(contracts, id)
      if (status === 'pending') continue
      this.#claims.delete(id)
      // A reorganisation took it off: it was not decided.
      if (status !== 'none') metrics.decidedClaims.inc({ outcome: status })
    }
    for (const id of [...this.#disputes.keys()].filter(gone)) {
      const { status } = await readStatus(contracts, id)
      if (isOpen({ status })) continue
      this.#disputes.delete(id)
      const outcome = OUTCOMES[this.#side][status]
      if (outcome !== undefined) metrics.decidedDisputes.inc({ outcome })
    }
    this.#seen.clear()
    this.#show()
  }

  #show(): void {
    const { metrics } = this.#keeper
    if (this.#side === 'solver') metrics.openClaims.set(this.#claims.size)
    const open = { own: 0, other: 0, none: 0 }
    let first = Infinity
    for (const { turn } of this.#disputes.values()) {
      const isOwn = turn?.solver === (this.#side === 'solver')
      open[turn === undefined ? 'none' : isOwn ? 'own' : 'other']++
      if (turn !== undefined && isOwn) first = Math.min(first, turn.deadline)
    }
    for (const [turn, count] of Object.entries(open)) metrics.openDisputes.set({ turn }, count)
    if (first === Infinity) metrics.ownDeadline.remove()
    else metrics.ownDeadline.set(first)
  }
}
