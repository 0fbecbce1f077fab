import type { Backend } from '@lockstep/repops'
import { operationsOf, wordsTouched } from './cut.ts'
import { Machine } from './Machine.ts'
import type { Shape, Tally } from './shapes.ts'
import { Load, timeShape } from './timeShape.ts'
import { inTurns } from './turns.ts'

/** What is kept of programs that may never come again. */
const MOST_KNOWN = 2 ** 16
/** Where the tasks that were not timed take no more than this of all, they need not be. */
const UNTIMED_SHARE = 0.05
const ROUNDS = 16
/** Times what tasks like it take, which is no more than a hint. */
const UNLIKELY = 4
/** Machines change: others use them too. */
const KEPT_MS = 3600e3

/**
 * How long tasks take on a backend. Each shape is timed once, alone and for some milliseconds, so that an estimate of the next program of the kind takes hardly any time.
 */
export class Speeds {
  static readonly #all = new WeakMap<Backend, Speeds>()

  /** What is known of a backend, for an hour. */
  static of(backend: Backend): Speeds {
    const known = Speeds.#all.get(backend)
    if (known !== undefined && performance.now() - known.#since < KEPT_MS) return known
    const speeds = new Speeds(backend)
    Speeds.#all.set(backend, speeds)
    return speeds
  }

  /** What is known of a backend was maybe timed while something else computed. */
  static forget(backend: Backend): void {
    Speeds.#all.delete(backend)
  }

  readonly machine: Machine
  readonly load = new Load()
  readonly #backend: Backend
  readonly #since = performance.now()
  readonly #seconds = new Map<string, number>()
  readonly #neighbours = new Neighbours()

  private constructor(backend: Backend) {
    this.#backend = backend
    this.machine = new Machine(backend)
  }

  /**
   * Times those of some tasks that may matter and were not timed before, what may take longest first, until `deadline`
   * (performance.now()). Returns whether the others hardly matter.
   */
  async learn({ counts }: Tally, deadline: number): Promise<boolean> {
    for (;;) {
      let timed = 0
      const others: { shape: Shape; seconds: number }[] = []
      for await (const { shape, count } of inTurns(counts.values())) {
        const known = this.#seconds.get(shape.key)
        if (known !== undefined) timed += count * known
        else others.push({ shape, seconds: count * this.#neighbours.mostSeconds(shape) })
      }
      const untimed = others.reduce((sum, { seconds }) => sum + seconds, 0)
      if (untimed <= UNTIMED_SHARE * timed) return true
      others.sort((a, b) => b.seconds - a.seconds)
      // What is timed changes what is expected of the others.
      for (const { shape } of others.slice(0, Math.ceil(others.length / ROUNDS))) {
        if (performance.now() > deadline) return false
        await this.#time(shape)
      }
    }
  }

  async #time(shape: Shape): Promise<void> {
    const time = async (): Promise<number> =>
      timeShape(
        this.#backend,
        shape,
        {
          callSeconds: await this.machine.callSeconds(),
          guessSeconds: this.#neighbours.near(shape, SIZES),
        },
        this.load,
      )
    let seconds = await time()
    // All its runs were made to wait, or it is slower than others are: the next time tells.
    if (seconds > UNLIKELY * this.#neighbours.seconds(shape))
      seconds = Math.min(seconds, await time())
    if (this.#seconds.size >= MOST_KNOWN) this.#seconds.clear()
    this.#seconds.set(shape.key, seconds)
    this.#neighbours.add(shape, seconds)
  }

  /** Seconds of a task whose operands are at hand: as timed, or like the slowest of its neighbours. */
  seconds(shape: Shape): number {
    return this.#seconds.get(shape.key) ?? this.#neighbours.seconds(shape)
  }

  /** Seconds of all tasks, one after the other, in a step that goes through `words` of memory. */
  async secondsOf({ counts }: Tally, words: number): Promise<number> {
    const streamSeconds = await this.machine.streamSeconds(words)
    let seconds = 0
    for await (const { shape, count } of inTurns(counts.values()))
      seconds += count * (this.seconds(shape) + streamSeconds * wordsTouched(shape.kernel))
    return seconds
  }
}

/** The slowest of what was timed, by operator and size. */
class Neighbours {
  readonly #slowest = new Map<string, { seconds: number; operationSeconds: number }[]>()

  add(shape: Shape, seconds: number): void {
    const operations = operationsOf(shape.kernel)
    const size = sizeOf(operations)
    for (const kind of [kindOf(shape), ANY]) {
      const sizes = this.#slowest.get(kind) ?? []
      const known = sizes.at(size) ?? { seconds: 0, operationSeconds: 0 }
      sizes[size] = {
        seconds: Math.max(known.seconds, seconds),
        operationSeconds: Math.max(known.operationSeconds, seconds / operations),
      }
      this.#slowest.set(kind, sizes)
    }
  }

  /** Seconds of a task that is like those of its operator whose size differs by no more than `far`. */
  near(shape: Shape, far: number): number | undefined {
    const sizes = this.#slowest.get(kindOf(shape)) ?? []
    const operations = operationsOf(shape.kernel)
    const size = sizeOf(operations)
    for (let apart = 0; apart <= far; apart++) {
      const found = [size - apart, size + apart].flatMap((at) =>
        at < 0 ? [] : (sizes.at(at) ?? []),
      )
      if (found.length > 0) return Math.max(...found.map((one) => boundOf(one, operations)))
    }
    return undefined
  }

  /**
   * Seconds of a task like the slowest of its operator near its size, or else of its operator or any of the size that
   * promises least: what a small task takes says little of a large one, the less where something else made it wait.
   */
  seconds(shape: Shape): number {
    const near = this.near(shape, 1)
    if (near !== undefined) return near
    const operations = operationsOf(shape.kernel)
    for (const kind of [kindOf(shape), ANY]) {
      const bounds = (this.#slowest.get(kind) ?? []).map((one) => boundOf(one, operations))
      const least = bounds.reduce((a, b) => Math.min(a, b), Infinity)
      if (least < Infinity) return least
    }
    return SLOW_SECONDS * operations
  }

  /** What a task may take for all that is known: neighbours of another size say little. */
  mostSeconds(shape: Shape): number {
    const slow = SLOW_SECONDS * operationsOf(shape.kernel)
    return this.near(shape, 1) ?? Math.max(slow, this.seconds(shape))
  }
}

/**
 * The most that a task takes by one that was timed: a smaller one takes as long where neither does much, a larger one
 * grows evenly, but not to more than anything takes: of a tiny task even a short wait is much.
 */
const boundOf = (
  { seconds, operationSeconds }: { seconds: number; operationSeconds: number },
  operations: number,
): number => Math.max(seconds, Math.min(operationSeconds, SLOW_SECONDS) * operations)

const ANY = ''
const SIZES = 32
/** Of an operation where nothing at all was timed, and the most that is concluded from others. */
const SLOW_SECONDS = 500e-9

const kindOf = ({ nodes, kernel }: Shape): string =>
  nodes.length === 1 ? `${nodes[0].op} ${nodes[0].type}` : kernel.kind

const sizeOf = (operations: number): number => Math.floor(Math.log2(operations) / 2)
