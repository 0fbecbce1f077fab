// Looks for which a thing is left alone after its first failure; twice as many after each further one.
const FIRST_LOOKS = 2
const MOST_LOOKS = 512

/** Things that failed and are not tried again at once: longer each time, so that they keep nothing else waiting. */
export class Pauses {
  #look = 0
  readonly #failures = new Map<string, { readonly looks: number; readonly until: number }>()

  /** Counts a look at the chain. */
  look(): void {
    this.#look++
    // What was not tried again long after its pause is no more.
    for (const [what, { looks, until }] of this.#failures)
      if (this.#look > until + 2 * looks + MOST_LOOKS) this.#failures.delete(what)
  }

  isPaused(what: string): boolean {
    return (this.#failures.get(what)?.until ?? 0) > this.#look
  }

  failed(what: string): void {
    const looks = Math.min(2 * (this.#failures.get(what)?.looks ?? FIRST_LOOKS / 2), MOST_LOOKS)
    this.#failures.set(what, { looks, until: this.#look + 1 + looks })
  }

  worked(what: string): void {
    this.#failures.delete(what)
  }
}
