import { apiError } from '../errors.ts'
import type { Context, Services } from '../schema/context.ts'
import type { Head } from './head.ts'
import { Stopped } from './heads.ts'

/** An object as it is now. */
export interface State<T> {
  readonly value: T
  /** Differs whenever there is something to tell. */
  readonly version: string
  /** Whether nothing can change any more, but by a reorganisation. */
  readonly isFinal: boolean
  /** Block of the newest event about it. */
  readonly block: bigint
  /** Last second on the chain of what holds now, where time alone changes something. */
  readonly until?: number | undefined
}

/**
 * The object now and after every change, until it is final and no reorganisation reaches what made it so. `name` is for
 * errors.
 */
export async function* follow<T>(
  { live: { heads } }: Services,
  name: string,
  context: Context,
  read: () => Promise<State<T> | undefined>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let told: string | undefined
  for (;;) {
    context.renew()
    // Read before the state, so that no change is missed.
    const head = await context.head()
    const state = await read()
    if (state === undefined) {
      throw told === undefined
        ? apiError('NOT_FOUND', `There is no ${name}.`, 'Look at its id, or wait for the indexer.')
        : apiError(
            'REORGANISED',
            `${name} is gone: the chain was reorganised.`,
            'Forget it, or subscribe again: it may come back.',
          )
    }
    if (state.version !== told) {
      told = state.version
      yield state.value
    }
    if (state.isFinal && state.block <= head.finalized) return
    const left = state.until === undefined ? 0 : state.until + 1 - context.clock.now(head)
    await change(head, left)
  }

  /** Until the head moves, or so many seconds are over. */
  async function change({ version }: Head, left: number): Promise<void> {
    if (left <= 0) {
      await heads.next(version, signal)
      return
    }
    const over = AbortSignal.timeout(Math.min(left * 1_000, MAX_TIMER))
    try {
      await heads.next(version, AbortSignal.any([signal, over]))
    } catch (error) {
      if (signal.aborted || !(error instanceof Stopped)) throw error
    }
  }
}

/** What a timer can wait for, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1
