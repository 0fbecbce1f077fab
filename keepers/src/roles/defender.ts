import type { Hash } from '@lockstep/repops'
import { type Claim, readClaim } from '../chain/claims.ts'
import type { Head } from '../chain/connect.ts'
import { readJobClaims, readJobUri } from '../chain/jobs.ts'
import { fail } from '../errors.ts'
import type { Trace } from '../trace/trace.ts'
import { answerDisputes, openDisputes } from './answering.ts'
import { ClaimWatch } from './claim-watch.ts'
import { EarliestFirst, type Task } from './earliest-first.ts'
import { Guard, type Keeper, type Tick } from './keeper.ts'
import { Standing } from './standing.ts'

/**
 * Answers for claims of others that name this account as their delegate: it runs their computations itself, before
 * anybody disputes them, and answers only where its own run agrees with the claim, since an answer binds the claim.
 */
export class Defender {
  readonly #keeper: Keeper
  readonly #wanted: readonly bigint[] | undefined
  readonly #guard: Guard
  readonly #watch: ClaimWatch
  readonly #standing: Standing
  /** Claims that may be ours and are not over, with the blocks of their events. */
  readonly #claims = new Map<bigint, bigint>()
  /** Runs that agree with their claim. */
  readonly #traces = new Map<bigint, Trace>()
  /** What was run, or begun, for the claims that are not over. */
  readonly #computations = new Map<bigint, Hash>()
  readonly #queue = new EarliestFirst()

  constructor(keeper: Keeper, claims: readonly bigint[] | undefined) {
    this.#keeper = keeper
    this.#wanted = claims
    this.#guard = new Guard(keeper)
    this.#watch = new ClaimWatch(keeper.contracts)
    this.#standing = new Standing(keeper, 'solver')
  }

  readonly tick: Tick = async (head) => {
    for (const { id, block } of await this.#watch.read(head)) {
      if (this.#wanted?.includes(id) ?? true) this.#claims.set(id, block)
    }
    await this.#guard.run('events', () => this.#watch.compareWithJobs())
    const runs: Task[] = []
    for (const [id, block] of this.#claims) {
      await this.#guard.run(`claim ${id}`, async () => {
        const claim = await readClaim(this.#keeper.contracts, id)
        // The node that answers is behind the one that showed the event: the next look will see it.
        if (claim.status === 'none' || !this.#isOurs(claim)) return
        const disputes = await openDisputes(this.#keeper, this.#guard, claim, block)
        this.#standing.see([id], disputes)
        const trace = this.#traces.get(id)
        if (trace === undefined) runs.push(this.#run(claim, head))
        else await answerDisputes(this.#keeper, this.#guard, disputes, trace, head)
      })
    }
    this.#queue.want(runs)
    await this.#guard.run('counting claims', () => this.#standing.count())
    return this.#claims.size > 0
  }

  /** Whether there is something to do for a claim, now or later; if not, it is not looked at again. */
  #isOurs(claim: Claim): boolean {
    const { sender, shared } = this.#keeper
    const isOurs = [claim.delegate, claim.solver].some(
      (account) => account.toLowerCase() === sender.address.toLowerCase(),
    )
    if (isOurs && claim.status === 'pending') return true
    this.#claims.delete(claim.id)
    this.#traces.delete(claim.id)
    shared.withdraw(claim)
    this.#forget(claim)
    if (!isOurs && this.#wanted !== undefined) {
      throw fail.refused({
        what: `the claim's delegate is ${claim.delegate}`,
        where: `claim ${claim.id}, account ${sender.address}`,
        advice: 'only its solver and its delegate can answer for it',
      })
    }
    return false
  }

  /** Removes what is kept of a claim's computation, unless another claim needs it. */
  #forget({ id }: Claim): void {
    const computation = this.#computations.get(id)
    this.#computations.delete(id)
    if (computation === undefined || [...this.#computations.values()].includes(computation)) return
    void this.#guard.run(`removing ${computation}`, () => this.#keeper.workshop.forget(computation))
  }

  /** Disputed claims first: their clocks are running. */
  #run(claim: Claim, head: Head): Task {
    const { id, disputes, cursor, windowEnd } = claim
    return {
      id,
      deadline: disputes > cursor ? 0n : windowEnd,
      run: () =>
        this.#guard.run(`run for claim ${id}`, async () => {
          const { contracts, workshop, shared, metrics } = this.#keeper
          const posted = (await readJobClaims(contracts, { claim: id }, head.number)).at(0)
          const uri = posted && (await readJobUri(contracts, posted.job, head.number))
          const stop = () => Promise.resolve(!this.#queue.isFirst(id))
          if (!this.#claims.has(id)) return
          this.#computations.set(id, claim.computation)
          const trace = await workshop.complete(claim.computation, uri, stop)
          if (!trace.isComplete) return
          if (trace.checkpoints.root !== claim.checkpointRoot) {
            this.#claims.delete(id)
            this.#forget(claim)
            metrics.undefended.inc()
            throw fail.negative({
              what: `the claim's checkpoint root is ${claim.checkpointRoot}, this run's ${trace.checkpoints.root}`,
              where: `claim ${id}`,
              advice: 'the claim is wrong: it cannot be defended',
            })
          }
          if (!this.#claims.has(id)) return // decided meanwhile
          this.#traces.set(id, trace)
          shared.offer(claim, trace)
        }),
    }
  }
}
