import type { Socket } from 'node:net'
import { BusyError } from './queue.ts'

interface Reader {
  readonly socket: Socket
  bytes: number
  movedMs: number
}

// A reader that takes less than this while patience lasts is cut off; what lies in buffers behind it is as much again.
const LEAST_BYTES = 1 << 16

/**
 * The strangers that are reading something large. There are at most `most` of them; where all places are taken, one
 * that has not moved for a tenth of `patienceSeconds` makes room for the next, so that whoever reads nothing keeps
 * nobody out.
 */
export class Readers {
  readonly #most: number
  readonly #patienceMs: number
  readonly #readers = new Set<Reader>()

  constructor(most: number, patienceSeconds: number) {
    this.#most = most
    this.#patienceMs = patienceSeconds * 1000
  }

  /** Has `task` send to `socket`, of which it tells `moved` byte by byte; throws a BusyError where there is no room. */
  async admit<T>(socket: Socket, task: (moved: (bytes: number) => void) => Promise<T>): Promise<T> {
    if (this.#readers.size >= this.#most) this.#makeRoom()
    const reader: Reader = { socket, bytes: 0, movedMs: performance.now() }
    this.#readers.add(reader)
    let seen = 0
    const watch = setInterval(() => {
      if (reader.bytes - seen < LEAST_BYTES) socket.destroy()
      seen = reader.bytes
    }, this.#patienceMs)
    try {
      return await task((bytes) => {
        reader.bytes += bytes
        reader.movedMs = performance.now()
      })
    } finally {
      clearInterval(watch)
      this.#readers.delete(reader)
    }
  }

  #makeRoom(): void {
    const graceMs = this.#patienceMs / 10
    const stillest = [...this.#readers].reduce((a, b) => (a.movedMs <= b.movedMs ? a : b))
    if (performance.now() - stillest.movedMs < graceMs)
      throw new BusyError(Math.ceil(graceMs / 1000))
    stillest.socket.destroy()
    this.#readers.delete(stillest)
  }
}
