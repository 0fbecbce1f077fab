import { setTimeout as sleep } from 'node:timers/promises'

/** Too much is waiting already: ask again after so many seconds. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`busy for about ${retryAfterSeconds} s`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Does what strangers ask for, one thing after the other. At most `most` wait; one more is refused. Pauses between
 * them leave the queue no more than `share` of the time, however many ask.
 */
export class StrangersQueue {
  readonly #most: number
  readonly #share: number
  #tail: Promise<void> = Promise.resolve()
  #waiting = 0
  #lastMs = 0

  constructor(most: number, share: number) {
    this.#most = most
    this.#share = share
  }

  async do<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#most) throw new BusyError(this.#waitSeconds())
    this.#waiting++
    const before = this.#tail
    let finish = (): void => undefined
    this.#tail = new Promise((resolve) => (finish = resolve))
    await before
    const started = performance.now()
    try {
      return await task()
    } finally {
      this.#waiting--
      const tookMs = performance.now() - started
      this.#lastMs = tookMs / this.#share
      void sleep(this.#lastMs - tookMs, undefined, { ref: false }).then(finish)
    }
  }

  #waitSeconds(): number {
    return Math.min(300, Math.max(1, Math.ceil((this.#waiting * this.#lastMs) / 1000)))
  }
}
