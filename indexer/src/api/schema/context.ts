import type { Deployment } from '@lockstep/deployments'
import type { Database } from '../data/database.ts'
import type { Filters } from '../data/filter.ts'
import { Loaders } from '../data/loaders.ts'
import type { Tables } from '../data/tables.ts'
import type { ChainClock } from '../live/clock.ts'
import { type Head, readHead } from '../live/head.ts'

/** What the server has for all requests. */
export interface Services {
  readonly database: Database
  readonly tables: Tables
  readonly filters: Filters
  readonly deployment: Pick<Deployment, 'chainId' | 'contracts'>
  readonly clock: ChainClock
}

/** What the resolvers of one request share. */
export interface Context extends Services {
  readonly loaders: Loaders
  /** Where the tables stand, read once for a request. */
  head(): Promise<Head>
  /** Unix seconds on the chain. */
  now(): Promise<number>
}

export function newContext(services: Services): Context {
  const { database, tables, filters, clock } = services
  let head: Promise<Head> | undefined
  const read = (): Promise<Head> => (head ??= readHead(database))
  return {
    ...services,
    loaders: new Loaders(database, tables, filters),
    head: read,
    now: async () => clock.now(await read()),
  }
}
