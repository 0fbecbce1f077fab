import { apiError } from '../errors.ts'
import { Stopped } from './heads.ts'

/** Subscriptions that run at a time, bounded; one that is given up ends at once, also while it waits. */
export class Subscriptions {
  readonly #most: number
  #running = 0

  constructor(most: number) {
    this.#most = most
  }

  get running(): number {
    return this.#running
  }

  /** Starts one. Its values are made when they are asked for: a slow reader holds up nobody but itself. */
  start<T>(make: (signal: AbortSignal) => AsyncGenerator<T>): AsyncIterableIterator<T> {
    if (this.#running >= this.#most) {
      throw apiError(
        'TOO_MUCH',
        `All ${this.#most} subscriptions of this server are in use.`,
        'Ask again later, or query in intervals.',
        { limit: 'subscriptions', most: this.#most },
      )
    }
    this.#running += 1
    const controller = new AbortController()
    const values = make(controller.signal)
    let isOver = false
    const end = (): void => {
      if (isOver) return
      isOver = true
      this.#running -= 1
      controller.abort()
    }
    const over: IteratorResult<T> = { done: true, value: undefined }
    return {
      [Symbol.asyncIterator]() {
        return this
      },
      next: async () => {
        try {
          const result = await values.next()
          if (result.done) end()
          return result
        } catch (error) {
          end()
          if (error instanceof Stopped) return over
          throw error
        }
      },
      return: () => {
        end()
        return Promise.resolve(over)
      },
    }
  }
}
