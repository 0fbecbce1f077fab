import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError } from './queue.ts'

interface Waiting {
  readonly start: () => void
  readonly refuse: (error: BusyError) => void
}

/**
 * Does what strangers ask for about many topics: one topic after the other in turn, so that none waits for all that is
 * asked about another. `atOnce` things are done at a time, one of a topic. Of a topic at most `mostOfOne` wait, of all
 * `most`: where there are more, the topic with the most loses its last. Pauses leave it no more than `share` of the time.
 */
export class TurnsQueue {
  readonly #bounds: { readonly mostOfOne: number; readonly most: number; readonly share: number }
  /** By topic, the one whose turn is next first. */
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #busy = new Set<string>()
  #free: number
  #count = 0
  #lastMs = 0

  constructor({
    atOnce,
    ...bounds
  }: {
    atOnce: number
    mostOfOne: number
    most: number
    share: number
  }) {
    this.#free = atOnce
    this.#bounds = bounds
  }

  async do<T>(topic: string, task: () => Promise<T>): Promise<T> {
    await this.#turn(topic)
    const started = performance.now()
    try {
      return await task()
    } finally {
      const tookMs = performance.now() - started
      this.#lastMs = tookMs / this.#bounds.share
      this.#busy.delete(topic)
      this.#putLast(topic, this.#waiting.get(topic) ?? [])
      void sleep(this.#lastMs - tookMs, undefined, { ref: false }).then(() => {
        this.#free++
        this.#startSome()
      })
      this.#startSome()
    }
  }

  #turn(topic: string): Promise<void> {
    const own = this.#waiting.get(topic) ?? []
    if (own.length >= this.#bounds.mostOfOne) throw this.#isBusy()
    if (this.#count >= this.#bounds.most) this.#makeRoom(own.length)
    return new Promise((start, refuse) => {
      own.push({ start, refuse })
      this.#waiting.set(topic, own)
      this.#count++
      this.#startSome()
    })
  }

  /** Refuses the last of the topic with the most, or throws where none has more than whoever comes. */
  #makeRoom(own: number): void {
    let longest: Waiting[] = []
    for (const queue of this.#waiting.values()) if (queue.length > longest.length) longest = queue
    if (longest.length <= own + 1) throw this.#isBusy()
    longest.pop()?.refuse(this.#isBusy())
    this.#count--
  }

  #startSome(): void {
    for (const [topic, queue] of [...this.#waiting]) {
      if (this.#free === 0) return
      if (this.#busy.has(topic)) continue
      const next = queue.shift()
      this.#putLast(topic, queue)
      if (next === undefined) continue
      this.#count--
      this.#free--
      this.#busy.add(topic)
      next.start()
    }
  }

  #putLast(topic: string, queue: Waiting[]): void {
    this.#waiting.delete(topic)
    if (queue.length > 0) this.#waiting.set(topic, queue)
  }

  #isBusy(): BusyError {
    const seconds = Math.ceil((this.#count * this.#lastMs) / 1000)
    return new BusyError(Math.min(300, Math.max(1, seconds)))
  }
}
