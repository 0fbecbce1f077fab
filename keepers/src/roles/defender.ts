import { readClaim, readClaimIds } from '../chain/claims.ts'
import { readJobClaims, readJobUri } from '../chain/jobs.ts'
import { fail } from '../errors.ts'
import { answerDisputes } from './answering.ts'
import { Guard, type Keeper, type Tick } from './keeper.ts'

/**
 * Answers for claims of others that name this account as their delegate: it runs their computations itself and
 * answers only where its own run agrees with the claim, since an answer binds the claim.
 */
export class Defender {
  readonly #keeper: Keeper
  readonly #claims: readonly bigint[] | undefined
  readonly #guard: Guard
  readonly #over = new Set<bigint>()

  constructor(keeper: Keeper, claims: readonly bigint[] | undefined) {
    this.#keeper = keeper
    this.#claims = claims
    this.#guard = new Guard(keeper)
  }

  readonly tick: Tick = async (head) => {
    const { contracts, sender } = this.#keeper
    const made = await readClaimIds(contracts, contracts.fromBlock, head.number)
    let busy = false
    for (const { id, block } of made) {
      if (this.#over.has(id) || (this.#claims !== undefined && !this.#claims.includes(id))) continue
      await this.#guard.run(`claim ${id}`, async () => {
        const claim = await readClaim(contracts, id)
        const isOurs = [claim.delegate, claim.solver].some(
          (account) => account.toLowerCase() === sender.address.toLowerCase(),
        )
        if (claim.status !== 'pending' || !isOurs) {
          this.#over.add(id)
          if (!isOurs && this.#claims !== undefined) {
            throw fail.refused({
              what: `the claim's delegate is ${claim.delegate}`,
              where: `claim ${id}, account ${sender.address}`,
              advice: 'only its solver and its delegate can answer for it',
            })
          }
          return
        }
        busy = true
        if (claim.disputes === claim.cursor) return
        const trace = async () => {
          const posted = (await readJobClaims(contracts, { claim: id }, head.number)).at(0)
          const uri = posted && (await readJobUri(contracts, posted.job, head.number))
          const run = await this.#keeper.workshop.complete(claim.computation, uri)
          if (run.checkpoints.root !== claim.checkpointRoot) {
            throw fail.negative({
              what: `the claim's checkpoint root is ${claim.checkpointRoot}, this run's ${run.checkpoints.root}`,
              where: `claim ${id}`,
              advice: 'the claim is wrong: it cannot be defended',
            })
          }
          return run
        }
        await answerDisputes(this.#keeper, this.#guard, claim, block, trace, head)
      })
    }
    return busy
  }
}
