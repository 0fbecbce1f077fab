import type { QueryClient } from '@tanstack/react-query'
import { createClient } from 'graphql-sse'
import type { Config } from '../config/config.ts'
import { ask, textOf } from './ask.ts'
import { graphql, type ResultOf } from './graphql.ts'
import { recall, remember } from './memory.ts'

const MetaFields = graphql(`
  fragment MetaFields on Meta @_unmask {
    chainId
    isSynced
    ageSeconds
    version
    block {
      number
      timestamp
    }
  }
`)
const MetaQuery = graphql(
  `
    query Meta {
      meta {
        ...MetaFields
      }
    }
  `,
  [MetaFields],
)
const HeadSubscription = graphql(
  `
    subscription Head {
      head {
        ...MetaFields
      }
    }
  `,
  [MetaFields],
)

type Meta = ResultOf<typeof MetaFields>

/** What is known of the indexer's head. */
export interface Head {
  readonly meta: Meta
  /** When it was heard, in milliseconds since 1970. */
  readonly at: number
  /** The chain's time then, unix seconds. */
  readonly time: number
}

/** The chain's time in unix seconds at a time of this computer: what was heard, and what passed since. */
export const timeOf = ({ at, time }: Head, now: number): number =>
  Math.floor(time + Math.max(0, now - at) / 1000)

export interface HeadState {
  readonly head: Head | undefined
  /** `live`: told at every block. `polling`: asked every few seconds. `down`: does not answer. */
  readonly link: 'connecting' | 'live' | 'polling' | 'down'
  /** Why it is down. */
  readonly problem: string | undefined
}

const POLL_MS = 4000
const SILENCE_MS = 15_000
const RECONNECT_MS = 5000
/** Pages are read again after a block, but not more often than this. */
const REREAD_MS = 2000

/**
 * The page's pulse: hears of every block that the indexer takes in, and has everything that is on the screen read
 * again after it. Without a subscription it asks every few seconds; when nothing answers it says so and goes on trying.
 */
export class HeadWatch {
  readonly #config: Config
  readonly #queries: QueryClient
  readonly #listeners = new Set<() => void>()
  readonly #key: string
  #state: HeadState
  #rereadAt = 0
  #reread: ReturnType<typeof setTimeout> | undefined
  #wasDown = false

  constructor(config: Config, queries: QueryClient) {
    this.#config = config
    this.#queries = queries
    this.#key = `heard:${config.chainId}:${config.graphqlUrl}`
    const head = recall(this.#key)?.data as Head | undefined
    this.#state = { head, link: 'connecting', problem: undefined }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly state = (): HeadState => this.#state

  /** Begins to watch; returns what ends it. */
  start(): () => void {
    const ending = new AbortController()
    void this.#poll(ending.signal)
    void this.#listen(ending.signal)
    return () => {
      ending.abort()
      clearTimeout(this.#reread)
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!this.#isLive() || this.#isSilent()) {
        try {
          const { meta } = await ask(this.#config.graphqlUrl, MetaQuery, {}, signal)
          this.#hear(meta, this.#isLive() ? 'live' : 'polling')
        } catch (error) {
          if (!isOver(signal)) this.#miss(error)
        }
      }
      await sleep(POLL_MS, signal)
    }
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const client = createClient({ url: this.#config.graphqlUrl, retryAttempts: 0 })
      try {
        const stop = () => {
          client.dispose()
        }
        signal.addEventListener('abort', stop, { once: true })
        for await (const { data, errors } of client.iterate<{ head: Meta }>({
          query: textOf(HeadSubscription),
        })) {
          if (errors !== undefined || data == null) break
          this.#hear(data.head, 'live')
        }
      } catch {
        // The poll says whether anything answers at all.
      }
      client.dispose()
      if (this.#state.link === 'live') this.#set({ ...this.#state, link: 'polling' })
      await sleep(RECONNECT_MS, signal)
    }
  }

  /** Whether a subscription that is open has told nothing for long: it may hang. */
  #isSilent(): boolean {
    return Date.now() - (this.#state.head?.at ?? 0) > SILENCE_MS
  }

  /** Asked again after waiting: the subscription may have come up meanwhile. */
  #isLive(): boolean {
    return this.#state.link === 'live'
  }

  #hear(meta: Meta, link: 'live' | 'polling'): void {
    const at = Date.now()
    const { head: before } = this.#state
    const told = meta.block.timestamp + Math.max(0, meta.ageSeconds)
    const isSame = before?.meta.block.number === meta.block.number
    // A chain whose clock is ahead of the server's is told as it was at its block, however long ago that was heard.
    const isSameTime = isSame && before.meta.block.timestamp === meta.block.timestamp
    const time = isSameTime ? Math.max(told, before.time + (at - before.at) / 1000) : told
    const head = { meta, at, time }
    const isNew = !isSame || this.#wasDown
    this.#wasDown = false
    this.#set({ head, link, problem: undefined })
    remember(this.#key, { at, data: head })
    if (isNew) this.#readAgain()
  }

  #miss(error: unknown): void {
    this.#wasDown = true
    const problem = error instanceof Error ? error.message : String(error)
    this.#set({ ...this.#state, link: 'down', problem })
  }

  #readAgain(): void {
    if (this.#reread !== undefined) return
    const wait = Math.max(0, this.#rereadAt + REREAD_MS - Date.now())
    this.#reread = setTimeout(() => {
      this.#reread = undefined
      this.#rereadAt = Date.now()
      for (const source of ['graphql', 'chain'])
        void this.#queries.invalidateQueries({ queryKey: [source] })
    }, wait)
  }

  #set(state: HeadState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** Asked anew each time: waiting may have changed it. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
