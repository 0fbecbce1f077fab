import { type Backend, LEAF_ELEMENTS, type Plan, type Slot, type Task } from '@lockstep/repops'
import { fastest } from './timeShape.ts'

const CONTEXT = { step: 0, seed: 0n }
const HOT_WORDS = 2 ** 18
const COLD_WORDS = 2 ** 24
const SMALL_TENSORS = 64
const LARGE_LEAVES = 4096
/** What one hash of many may take beside the event loop. */
const HASHING_SECONDS = 20e-3

/** What a backend takes for all that is not a kernel, each measured once. */
export class Machine {
  readonly #backend: Backend
  readonly #known = new Map<string, Promise<unknown>>()

  constructor(backend: Backend) {
    this.#backend = backend
  }

  /** Seconds of a run of nothing. */
  callSeconds(): Promise<number> {
    return this.#once('call', () =>
      this.#with(copies(1, 1), (executable) => fastest(() => executable.run(0, 0, CONTEXT))),
    )
  }

  /** Seconds that a word takes longer because it comes from, or goes to, so many words of memory. */
  streamSeconds(words: number): Promise<number> {
    const power = Math.ceil(Math.log2(Math.max(1, Math.min(COLD_WORDS, words))))
    if (2 ** power <= HOT_WORDS) return Promise.resolve(0)
    return this.#once(`stream ${power}`, () => this.#stream(2 ** power))
  }

  async #stream(words: number): Promise<number> {
    const [hot, cold] = [await this.#copy(HOT_WORDS), await this.#copy(words)]
    return Math.max(0, cold - hot)
  }

  /** Seconds of a word, read or written. */
  #copy(words: number): Promise<number> {
    const times = Math.ceil((2 * HOT_WORDS) / words)
    return this.#with(copies(words / 2, times), async (executable) => {
      const seconds = await fastest(() => executable.run(0, times, CONTEXT))
      return seconds / (times * words)
    })
  }

  /** Gives the seconds of the root of a tensor of so many words. */
  async rootTimes(): Promise<(words: number) => number> {
    const known = await this.#once('hashes', () => this.#hashes())
    return (words) => {
      const leaves = Math.ceil(words / LEAF_ELEMENTS)
      const at = known.findIndex((one) => one.leaves >= leaves)
      if (at === 0) return known[0].seconds
      const [low, high] = at > 0 ? [known[at - 1], known[at]] : [ZERO, known[known.length - 1]]
      const share = (leaves - low.leaves) / (high.leaves - low.leaves)
      return low.seconds + share * (high.seconds - low.seconds)
    }
  }

  /** Roots of a leaf, of some leaves, and of many where those are not slow: in between and beyond it grows evenly. */
  async #hashes(): Promise<{ leaves: number; seconds: number }[]> {
    const known: { leaves: number; seconds: number }[] = []
    for (const leaves of [1, SMALL_TENSORS, LARGE_LEAVES]) {
      const last = known.at(-1)
      if (last !== undefined && (last.seconds * leaves) / last.leaves > HASHING_SECONDS) break
      const tensors = leaves === LARGE_LEAVES ? 1 : SMALL_TENSORS
      const plan = statesOf(tensors, leaves * LEAF_ELEMENTS)
      const slots = plan.slots.map((_, slot) => slot)
      const seconds = await this.#with(plan, (executable) => fastest(() => executable.roots(slots)))
      known.push({
        leaves,
        seconds: Math.max(1e-9, seconds - (await this.callSeconds())) / tensors,
      })
    }
    return known
  }

  /** Seconds of making `tasks` ready and of bringing `words` to where they are computed on. */
  async setUpSeconds(tasks: number, words: number): Promise<number> {
    const { taskSeconds, wordSeconds } = await this.#once('set-up', () => this.#measureSetUp())
    return taskSeconds * tasks + wordSeconds * words
  }

  async #measureSetUp(): Promise<{ taskSeconds: number; wordSeconds: number }> {
    const times = 512
    const count = 2 ** 21
    const tasks = await fastest(() => this.#with(copies(1, times), () => Promise.resolve()))
    const data = new Int32Array(count)
    const words = await fastest(() =>
      this.#with(copies(count, 1), (executable) => executable.write(0, data)),
    )
    return { taskSeconds: tasks / times, wordSeconds: words / (2 * count) }
  }

  /** Does a measurement once, and again only if it failed. */
  #once<T>(what: string, measure: () => Promise<T>): Promise<T> {
    const known = this.#known.get(what) as Promise<T> | undefined
    if (known !== undefined) return known
    const measured = measure()
    this.#known.set(what, measured)
    measured.catch(() => this.#known.delete(what))
    return measured
  }

  async #with<T>(
    plan: Plan,
    use: (executable: Awaited<ReturnType<Backend['compile']>>) => Promise<T>,
  ): Promise<T> {
    const executable = await this.#backend.compile(plan)
    try {
      return await use(executable)
    } finally {
      await executable.close()
    }
  }
}

const ZERO = { leaves: 0, seconds: 0 }

/** A plan that copies so many words so many times. */
function copies(count: number, times: number): Plan {
  const state = statesOf(1, count)
  const out: Slot = { type: 'i32', count, place: { kind: 'arena', offset: 0 } }
  const task: Task = {
    nodes: [],
    kernel: { kind: 'copy', count },
    inputs: [0],
    outputs: [1],
    commit: false,
  }
  const arenaWords = Math.ceil(count / LEAF_ELEMENTS) * LEAF_ELEMENTS
  return {
    ...state,
    slots: [...state.slots, out],
    arenaWords,
    tasks: new Array<Task>(times).fill(task),
  }
}

/** A plan of states and nothing to do with them. */
function statesOf(tensors: number, count: number): Plan {
  const refs = Array.from({ length: tensors }, (_, ref) => ref)
  return {
    program: {
      nodes: [],
      states: refs.map(() => ({ name: '', type: 'i32', count, next: undefined })),
      constants: [],
    },
    slots: refs.map((ref) => ({ type: 'i32', count, place: { kind: 'state', ref } })),
    arenaWords: 0,
    tasks: [],
  }
}
