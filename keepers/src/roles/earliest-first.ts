/** Something long that is of no use after `deadline`, a unix second. */
export interface Task {
  readonly id: bigint
  readonly deadline: bigint
  /** Never rejects. May end early when `isFirst` says no, to be started again later. */
  readonly run: () => Promise<void>
}

/** Does long things one at a time: always the one with the earliest deadline of those that were asked for last. */
export class EarliestFirst {
  #first: bigint | undefined
  #isBusy = false

  /** Asked at every look at the chain with everything that is wanted by then; the length of the list is all it costs. */
  want(tasks: readonly Task[]): void {
    const first = tasks.reduce<Task | undefined>(
      (best, task) => (best !== undefined && best.deadline <= task.deadline ? best : task),
      undefined,
    )
    this.#first = first?.id
    if (first === undefined || this.#isBusy) return
    this.#isBusy = true
    void first.run().finally(() => (this.#isBusy = false))
  }

  /** Whether a task should go on. */
  isFirst(id: bigint): boolean {
    return this.#first === id
  }
}
