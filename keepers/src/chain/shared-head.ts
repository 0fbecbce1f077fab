import { setTimeout as sleep } from 'node:timers/promises'
import type { Head } from './connect.ts'

/**
 * Looks at the chain for strangers: all who ask while one is under way share the next, which comes `pauseMs` after it,
 * so that asking more makes no more of them.
 */
export class SharedHead {
  readonly #look: () => Promise<Head>
  readonly #bounds: { readonly pauseMs: number; readonly keptMs: number }
  #last: { readonly head: Head; readonly atMs: number } | undefined
  #next: Promise<Head> | undefined
  #before: Promise<unknown> = Promise.resolve()

  constructor(look: () => Promise<Head>, bounds: { pauseMs: number; keptMs: number }) {
    this.#look = look
    this.#bounds = bounds
  }

  /** What was seen last, if that is not longer than `keptMs` ago. */
  get recent(): Head | undefined {
    const last = this.#last
    const isKept = last !== undefined && performance.now() - last.atMs <= this.#bounds.keptMs
    return isKept ? last.head : undefined
  }

  /** What a look sees that begins from now on. */
  next(): Promise<Head> {
    return (this.#next ??= this.#before.then(() => {
      this.#next = undefined
      const looking = this.#look()
      const keep = (head: Head) => (this.#last = { head, atMs: performance.now() })
      this.#before = looking
        .then(keep, () => undefined)
        .then(() => sleep(this.#bounds.pauseMs, undefined, { ref: false }))
      return looking
    }))
  }
}
