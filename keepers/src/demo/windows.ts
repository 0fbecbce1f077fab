import type { ProtocolEvent } from './network.ts'

/**
 * Challenge windows that a devnet's clock may be moved past. Time that is skipped is taken from everybody, so it is only
 * skipped while nobody needs it: every claim whose window is open was run again by our challenger and found right. One
 * that the challenger is still checking, has found wrong or cannot check holds the clock for all.
 */
export class Windows {
  /** The last second of each window that may still be open, by claim. */
  readonly #ends = new Map<bigint, bigint>()
  readonly #right = new Set<bigint>()

  read(event: ProtocolEvent): void {
    if (event.eventName === 'ClaimMade')
      this.#ends.set(event.args.claim, BigInt(event.args.windowEnd))
    if (event.eventName === 'ClaimVoided') this.#forget(event.args.claim)
  }

  /** Our challenger has run a claim again and come to the same roots. */
  foundRight(claim: bigint): void {
    this.#right.add(claim)
  }

  /** The last second of the windows that are open at `now`; undefined if there are none, or one that nobody may shorten. */
  skippable(now: bigint): bigint | undefined {
    for (const [claim, end] of this.#ends) if (end < now) this.#forget(claim)
    const claims = [...this.#ends.keys()]
    if (claims.length === 0 || !claims.every((claim) => this.#right.has(claim))) return undefined
    return [...this.#ends.values()].reduce((a, b) => (a > b ? a : b))
  }

  #forget(claim: bigint): void {
    this.#ends.delete(claim)
    this.#right.delete(claim)
  }
}
