import type { Backend } from '@lockstep/repops'
import { operationsOf } from './cut.ts'
import { type Sample, sampleOf } from './sample.ts'
import type { Shape } from './shapes.ts'

/** A run this long says how fast a kernel is: calls, clocks and threads that wake up are a few percent of it. */
const TELLING_SECONDS = 0.6e-3
/** How long the next run should be, by the one before. */
const AIM_SECONDS = 1.5e-3
/** Below it a run says nothing. */
const LEAST_SECONDS = 5e-6
const FIRST_OPERATIONS = 2 ** 10
const FIRST_REPEATS = 8
const MOST_REPEATS = 512
/** Of one task: enough for many threads, and for whatever is faster in long runs. */
const TASK_WORDS = 2 ** 20
/** Of one task that goes through memory by leaps: more than caches hold. */
const LEAPING_WORDS = 2 ** 23
const PASSES = 3
/** For as long as runs become faster, as compilers warm up. */
const MOST_PASSES_SECONDS = 30e-3

/** How much longer runs take than the fastest of their kind, for whatever else computes on the machine. */
export class Load {
  #all = 0
  #fastest = 0

  note(passes: readonly number[]): void {
    this.#all += passes.reduce((a, b) => a + b)
    this.#fastest += passes.length * Math.min(...passes)
  }

  get factor(): number {
    return this.#fastest === 0 ? 1 : this.#all / this.#fastest
  }
}

/** What is known before a shape is timed. */
export interface Before {
  /** Of a run of nothing. */
  readonly callSeconds: number
  /** Of tasks that are like it, if there are such. */
  readonly guessSeconds: number | undefined
}

/**
 * Seconds of one task of a shape whose operands are at hand, when nothing else computes, from runs of a few milliseconds
 * at most: a long task is cut, a short one repeated. `load` is told how long the runs took.
 */
export async function timeShape(
  backend: Backend,
  shape: Shape,
  { callSeconds, guessSeconds }: Before,
  load: Load,
): Promise<number> {
  const whole = operationsOf(shape.kernel)
  const leaps = shape.kernel.kind === 'move' || shape.kernel.kind === 'indexed'
  const words = leaps ? LEAPING_WORDS : TASK_WORDS
  let ran = 0
  let operations = FIRST_OPERATIONS
  let most = FIRST_REPEATS
  if (guessSeconds !== undefined) {
    operations = (whole * AIM_SECONDS) / guessSeconds
    most = MOST_REPEATS
  }
  for (;;) {
    const repeatsOf = (of: number): number =>
      Math.max(1, Math.floor(Math.min(most, operations / of)))
    const sample = sampleOf(shape, Math.min(whole, operations), words, repeatsOf)
    const repeats = sample.plan.tasks.length
    const now = sample.operations * repeats
    const isLast = now <= ran
    const seconds = await timeSample(
      backend,
      sample,
      isLast ? 0 : callSeconds + TELLING_SECONDS,
      load,
    )
    const net = Math.max(LEAST_SECONDS, seconds - callSeconds)
    if (net >= TELLING_SECONDS || isLast) return (net / repeats) * (whole / sample.operations)
    ran = now
    const growth = Math.max(2, AIM_SECONDS / net)
    operations = Math.max(operations, now) * growth
    most = Math.min(MOST_REPEATS, repeats * growth)
  }
}

/** Seconds of a run of all tasks: of one that is shorter than `telling`, else of the fastest of some. */
async function timeSample(
  backend: Backend,
  sample: Sample,
  telling: number,
  load: Load,
): Promise<number> {
  const executable = await backend.compile(sample.plan)
  const run = (): Promise<unknown> => executable.run(0, sample.plan.tasks.length, CONTEXT)
  try {
    for (const { slot, words } of sample.writes) await executable.write(slot, words)
    const started = performance.now()
    await run()
    const seconds = (performance.now() - started) / 1000
    return seconds < telling ? seconds : await fastest(run, load)
  } finally {
    await executable.close()
  }
}

const CONTEXT = { step: 0, seed: 0n }

/**
 * Seconds of what is done a few times, and again while it becomes much faster: of the fastest. Whatever else the machine
 * does makes a run slower and never faster.
 */
export async function fastest(task: () => Promise<unknown>, load?: Load): Promise<number> {
  const first = performance.now()
  for (let earlier = Infinity; ; ) {
    const passes: number[] = []
    for (let pass = 0; pass < PASSES; pass++) {
      const started = performance.now()
      await task()
      passes.push((performance.now() - started) / 1000)
    }
    const least = Math.min(...passes)
    const spentSeconds = (performance.now() - first) / 1000
    if (least > 0.8 * earlier || spentSeconds > MOST_PASSES_SECONDS) {
      load?.note(passes)
      return Math.min(least, earlier)
    }
    earlier = least
  }
}
