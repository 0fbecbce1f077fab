import type { Head } from './head.ts'

/**
 * What time it is on the chain. Contracts judge by the timestamp of the block that a transaction gets into, so clocks
 * are read for the next block: by the server's clock, but not before the newest block, nor before the time that has gone
 * by since that was taken in. The latter decides on devnets whose clock was put forward, and on which no block may come
 * for long.
 */
export class ChainClock {
  readonly #wall: () => number
  #head = 0
  #seenAt = 0

  /** `wall` is the server's clock in unix seconds. */
  constructor(wall: () => number = () => Math.floor(Date.now() / 1000)) {
    this.#wall = wall
  }

  /** Unix seconds, given the newest block. */
  now({ timestamp }: Pick<Head, 'timestamp'>): number {
    const wall = this.#wall()
    if (timestamp !== this.#head) {
      this.#head = timestamp
      this.#seenAt = wall
    }
    return Math.max(wall, timestamp + Math.max(0, wall - this.#seenAt))
  }

  /** Seconds from a block to the server's clock; 0 if the chain is ahead. */
  age({ timestamp }: Pick<Head, 'timestamp'>): number {
    return Math.max(0, this.#wall() - timestamp)
  }
}
