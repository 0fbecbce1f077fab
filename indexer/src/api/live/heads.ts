import type { Database } from '../data/database.ts'
import { type Head, readHead } from './head.ts'

interface Waiter {
  /** Version that it has seen. */
  readonly seen: string | undefined
  resolve(head: Head): void
}

/**
 * The one who looks whether the indexer has moved, for all who wait for it: one small statement every so often, and none
 * while nobody waits. Ponder tells its own client of changes by PostgreSQL's notifications, by parts that it does not
 * publish; this works by what it stores.
 */
export class Heads {
  readonly #database: Database
  readonly #interval: number
  readonly #waiters = new Set<Waiter>()
  #isLooking = false

  /** `interval` is in milliseconds. */
  constructor(database: Database, interval = 250) {
    this.#database = database
    this.#interval = interval
  }

  /** The head as soon as its version is another than `seen`; rejects when `signal` is aborted. */
  next(seen: string | undefined, signal: AbortSignal): Promise<Head> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiters.delete(waiter)
        reject(new Stopped())
      }
      const waiter: Waiter = {
        seen,
        resolve: (head) => {
          signal.removeEventListener('abort', stop)
          this.#waiters.delete(waiter)
          resolve(head)
        },
      }
      if (signal.aborted) {
        stop()
        return
      }
      signal.addEventListener('abort', stop, { once: true })
      this.#waiters.add(waiter)
      if (!this.#isLooking) void this.#look()
    })
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#waiters.size > 0) {
      try {
        const head = await readHead(this.#database)
        for (const waiter of [...this.#waiters]) {
          if (waiter.seen !== head.version) waiter.resolve(head)
        }
      } catch {
        // The database is away: whoever asks hears of it, whoever waits goes on waiting.
      }
      await new Promise((resolve) => setTimeout(resolve, this.#interval))
    }
    this.#isLooking = false
  }
}

/** A subscription was given up while it waited. */
export class Stopped extends Error {}
