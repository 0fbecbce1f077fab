import type { Deployment } from '@lockstep/deployments'
import type { Database } from '../data/database.ts'
import type { Filters } from '../data/filter.ts'
import { Loaders } from '../data/loaders.ts'
import type { Tables } from '../data/tables.ts'
import type { ChainClock } from '../live/clock.ts'
import { type Head, readHead } from '../live/head.ts'
import type { Heads } from '../live/heads.ts'
import type { Subscriptions } from '../live/running.ts'
import type { Tail } from '../live/tail.ts'

/** What the server has for all requests. */
export interface Services {
  readonly database: Database
  readonly tables: Tables
  readonly filters: Filters
  readonly deployment: Pick<Deployment, 'chainId' | 'contracts'>
  readonly clock: ChainClock
  /** What subscriptions share. */
  readonly live: {
    readonly heads: Heads
    readonly tail: Tail
    readonly subscriptions: Subscriptions
  }
}

/** What the resolvers of one request share. The server copies it, so that what changes is reached by `this`. */
export interface Context extends Services {
  loaders: Loaders
  /** Forgets what was read: a subscription goes on with the same context. */
  renew(): void
  /** Where the tables stand, read once for a request. */
  head(): Promise<Head>
  /** Unix seconds on the chain. */
  now(): Promise<number>
}

export function newContext(services: Services): Context {
  const { database, tables, filters, clock } = services
  const newLoaders = (): Loaders => new Loaders(database, tables, filters)
  return {
    ...services,
    loaders: newLoaders(),
    renew() {
      this.loaders = newLoaders()
      this.head = onceHead()
    },
    head: onceHead(),
    async now() {
      return clock.now(await this.head())
    },
  }

  function onceHead(): () => Promise<Head> {
    let head: Promise<Head> | undefined
    return () => (head ??= readHead(database))
  }
}
