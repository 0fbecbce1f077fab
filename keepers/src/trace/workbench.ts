/**
 * The heavy work of one process. Replays, for which a clock is running, go one after the other; a run that comes to
 * the end of a step lets those that are waiting go first. It never waits for later ones, so it always goes on.
 */
export class Workbench {
  #replays: Promise<unknown> = Promise.resolve()

  /** Replays when those before it are done. */
  replay<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#replays.then(task)
    this.#replays = result.catch(() => {})
    return result
  }

  /** Between two steps of a run: resolves when the replays that are waiting now are done. */
  async rest(): Promise<void> {
    await this.#replays
  }
}
