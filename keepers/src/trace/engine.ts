import { type Backend, isDeviceLost } from '@lockstep/repops'

/**
 * What computes in this process: a proved backend, and another in its place from the moment its device is lost. What a
 * task had on the device is lost with it, so the task begins again; a run, at its last checkpoint on disk.
 */
export class Engine {
  readonly #replace: ((lost: Backend, error: unknown) => Promise<Backend>) | undefined
  #backend: Backend
  #replacing: Promise<void> | undefined
  #closed = false

  /** `replace`: opens what takes the place of a backend; without it a lost device fails all that comes later. */
  constructor(backend: Backend, replace?: (lost: Backend, error: unknown) => Promise<Backend>) {
    this.#backend = backend
    this.#replace = replace
  }

  /** Of the backend that computes now. */
  get name(): string {
    return this.#backend.name
  }

  /** Does a task on the backend, and from its beginning on the next one where the device is lost under it. */
  async run<T>(task: (backend: Backend) => Promise<T>): Promise<T> {
    for (;;) {
      await this.#replacing
      const backend = this.#backend
      try {
        return await task(backend)
      } catch (error) {
        if (!isDeviceLost(error) || this.#replace === undefined || this.#closed) throw error
        await this.#leave(backend, error)
      }
    }
  }

  /** For good: nothing takes the place of a device that is lost from here on. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#backend.close()
  }

  /** All tasks of a lost backend wait for the same replacement. Where there is none, the next one to ask tries again. */
  #leave(lost: Backend, error: unknown): Promise<void> | undefined {
    if (this.#backend !== lost) return this.#replacing
    this.#replacing ??= this.#replace?.(lost, error)
      .then((backend) => {
        void giveBack(this.#closed ? backend : lost)
        if (this.#closed) throw error
        this.#backend = backend
      })
      .finally(() => (this.#replacing = undefined))
    return this.#replacing
  }
}

/** Nobody waits for it: a lost device may never answer, and has little to give back. */
async function giveBack(backend: Backend): Promise<void> {
  try {
    await backend.close()
  } catch {
    // Whatever takes its place has it already.
  }
}
