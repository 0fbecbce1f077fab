import { createPubSub, createSchema, createYoga } from 'graphql-yoga'
import { setMaxListeners } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LIMITS } from '../../indexer/src/api/limits/limits.ts'
import { limitsPlugin } from '../../indexer/src/api/limits/plugin.ts'
import { readContract } from './contract.ts'
import { type Row, type Rows, tableResolvers } from './store.ts'

/** How the stand-in misbehaves. */
type Mood = 'well' | 'failing' | 'slow' | 'silent'

export interface StandIn {
  readonly url: string
  /** What it answers from; change it with `set`. */
  readonly rows: () => Rows
  /** Replaces the rows, mines a block, and tells every subscription. */
  readonly set: (rows: Rows) => void
  /** Asked for from now on. */
  mood: Mood
  chainId: number
  /** The newest block's time, and how old the server says it is. */
  timestamp: number
  /** What `search` answers: rows with `__typename`. */
  found: readonly Row[]
  /** Answers a market's `prices`. */
  prices: (market: Row, args: { points?: number }) => unknown
  readonly close: () => Promise<void>
}

const SLOW_MS = 1000

/**
 * A GraphQL server over canned rows, held to the public contract by its schema: for tests of the page, and for working
 * on it without a chain.
 */
export async function standIn(rows: Rows, { chainId = 31337, port = 0 } = {}): Promise<StandIn> {
  const { document } = readContract()
  const eventTarget = new EventTarget()
  setMaxListeners(0, eventTarget)
  const changes = createPubSub<{ change: [] }>({ eventTarget: eventTarget as never })
  let current = rows
  let block = 1234n
  const head = () => ({
    chainId: self.chainId,
    block: { number: String(block), timestamp: self.timestamp },
    isSynced: true,
    ageSeconds: 0,
    contracts: {},
    version: '1',
  })
  async function* follow(value: () => unknown): AsyncGenerator {
    yield value()
    const heard = changes.subscribe('change')
    while ((await heard.next()).done !== true) yield value()
  }
  const one = (table: string, field: string) => ({
    subscribe: (_: unknown, { id }: { id: string }) =>
      follow(() => ({ [field]: current[table]?.find((row) => row.id === id) })),
  })
  const resolvers = tableResolvers(document, () => current)
  const yoga = createYoga({
    schema: createSchema({
      typeDefs: document,
      resolvers: {
        ...resolvers,
        Query: {
          ...resolvers['Query'],
          meta: head,
          search: () => self.found,
        },
        Market: {
          ...resolvers['Market'],
          prices: (market: Row, args: { points?: number }) => self.prices(market, args),
        },
        Subscription: {
          head: { subscribe: () => follow(() => ({ head: head() })) },
          dispute: one('Dispute', 'dispute'),
          job: one('Job', 'job'),
          market: one('Market', 'market'),
        },
      } as never,
    }),
    // The indexer's own: what it would refuse is refused here.
    plugins: [limitsPlugin(LIMITS)],
    logging: false,
    maskedErrors: false,
    landingPage: false,
  })
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    response.setHeader('access-control-allow-origin', '*')
    if (self.mood === 'silent') return
    if (self.mood === 'failing' && request.method === 'POST') {
      response.writeHead(500, { 'content-type': 'text/plain' }).end('broken')
      return
    }
    setTimeout(() => void yoga(request, response), self.mood === 'slow' ? SLOW_MS : 0)
  })
  const self: StandIn = {
    url: '',
    rows: () => current,
    set: (next) => {
      current = next
      block += 1n
      changes.publish('change')
    },
    mood: 'well',
    chainId,
    timestamp: Math.floor(Date.now() / 1000),
    found: [],
    prices: () => ({ outcomes: [], points: [] }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        for (const response of open) response.destroy()
        server.closeAllConnections()
      }),
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  return Object.assign(self, { url })
}
