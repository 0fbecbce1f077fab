/** Something long that is of no use after `deadline`, a unix second. */
export interface Task {
  readonly id: bigint
  readonly deadline: bigint
  /**
   * Never rejects; false says that it failed. May end early when `isFirst` says no, to be started again later, which
   * is no failure.
   */
  readonly run: () => Promise<boolean>
}

// Looks for which a task comes last after its first failure; twice as many after each further one.
const PAUSE_LOOKS = 4
const MOST_PAUSE_LOOKS = 512

/**
 * Does long things one at a time: always the one with the earliest deadline of those that were asked for last. One
 * that has failed comes behind all others for a while, and longer each time, so that it cannot keep them waiting.
 */
export class EarliestFirst {
  #first: bigint | undefined
  #isBusy = false
  #looks = 0
  readonly #rests: boolean
  readonly #failures = new Map<bigint, { readonly pauseLooks: number; readonly endLook: number }>()

  /** `rests`: one that has failed is not tried again before its pause is over, even where nothing else waits. */
  constructor({ rests = false } = {}) {
    this.#rests = rests
  }

  /** Asked at every look at the chain with everything that is wanted by then; the length of the list is all it costs. */
  want(tasks: readonly Task[]): void {
    this.#looks++
    const able = this.#rests ? tasks.filter(({ id }) => !this.#isPaused(id)) : tasks
    const first = able.reduce<Task | undefined>(
      (best, task) => (best !== undefined && this.#isBefore(best, task) ? best : task),
      undefined,
    )
    this.#first = first?.id
    this.#forgetAllBut(tasks)
    if (first === undefined || this.#isBusy) return
    this.#isBusy = true
    void first.run().then((worked) => {
      this.#isBusy = false
      if (worked) this.#failures.delete(first.id)
      else this.#pause(first.id)
    })
  }

  /** Whether a task should go on. */
  isFirst(id: bigint): boolean {
    return this.#first === id
  }

  #isBefore(a: Task, b: Task): boolean {
    const [pausedA, pausedB] = [this.#isPaused(a.id), this.#isPaused(b.id)]
    return pausedA === pausedB ? a.deadline <= b.deadline : pausedB
  }

  #isPaused(id: bigint): boolean {
    return (this.#failures.get(id)?.endLook ?? 0) > this.#looks
  }

  #pause(id: bigint): void {
    const before = this.#failures.get(id)?.pauseLooks ?? PAUSE_LOOKS / 2
    const pauseLooks = Math.min(2 * before, MOST_PAUSE_LOOKS)
    this.#failures.set(id, { pauseLooks, endLook: this.#looks + 1 + pauseLooks })
  }

  #forgetAllBut(tasks: readonly Task[]): void {
    const ids = new Set(tasks.map(({ id }) => id))
    for (const id of this.#failures.keys()) if (!ids.has(id)) this.#failures.delete(id)
  }
}
