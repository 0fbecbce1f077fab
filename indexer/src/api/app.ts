import type { Deployment } from '@lockstep/deployments'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { graphql, yoga } from './graphql.ts'
import type { Database } from './data/database.ts'
import { Filters } from './data/filter.ts'
import { readTables } from './data/tables.ts'
import { computedResolvers } from './computed/index.ts'
import { LIMITS, type Limits } from './limits/limits.ts'
import { limitsPlugin } from './limits/plugin.ts'
import { ChainClock } from './live/clock.ts'
import { Heads } from './live/heads.ts'
import { Subscriptions } from './live/running.ts'
import { subscriptionResolvers } from './live/subscriptions.ts'
import { Tail } from './live/tail.ts'
import { maskError } from './mask.ts'
import { type Context, type Services, newContext } from './schema/context.ts'
import { buildSchema } from './schema/schema.ts'
import { readEntities } from './sdl/entities.ts'
import { readSdl } from './sdl/file.ts'

export interface AppOptions {
  readonly database: Database
  /** Exports of ponder.schema.ts. */
  readonly schema: Record<string, unknown>
  readonly deployment: Pick<Deployment, 'chainId' | 'contracts'>
  readonly limits?: Partial<Limits>
  /** Whether a browser gets GraphiQL at /graphql, which loads its scripts from the internet. */
  readonly graphiql?: boolean
  readonly clock?: ChainClock
  /** Milliseconds between looks for a new head while there are subscriptions. */
  readonly interval?: number
}

const WELCOME =
  'Lockstep, indexed. GraphQL is at /graphql; what can be asked, in subgraph-schema.graphql.\n'

/** Of answers that have no body of their own. */
const REFUSED: Readonly<Partial<Record<number, object>>> = {
  406: {
    message: 'This cannot be answered in the form that is accepted.',
    extensions: {
      code: 'BAD_INPUT',
      advice: 'Accept application/json; of subscriptions text/event-stream.',
    },
  },
  415: {
    message: 'The request is of no form that is read here.',
    extensions: { code: 'BAD_INPUT', advice: 'Send JSON, as content-type: application/json.' },
  },
}

/** The server over an indexer's tables. */
export function createApp(options: AppOptions): Hono {
  const { database, deployment, clock = new ChainClock() } = options
  const limits = { ...LIMITS, ...options.limits }
  const sdl = readSdl()
  const tables = readTables(readEntities(graphql.parse(sdl)), options.schema, database)
  const filters = new Filters(tables)
  const live = {
    heads: new Heads(database, options.interval),
    tail: new Tail(database),
    subscriptions: new Subscriptions(limits.subscriptions),
  }
  const services: Services = { database, tables, filters, deployment, clock, live }
  const schema = buildSchema(sdl, tables, [computedResolvers(tables), subscriptionResolvers])
  const server = yoga.createYoga<object, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    // Node's own: Hono hands answers on in these, and a stream of another kind, given up by its reader, throws there.
    fetchAPI: { Request, Response, Headers, ReadableStream, TransformStream, WritableStream },
    cors: false,
    graphiql: options.graphiql ?? false,
    landingPage: false,
    batching: false,
    maskedErrors: { maskError },
    plugins: [limitsPlugin(limits)],
    context: () => newContext(services),
  })
  return new Hono()
    .use(cors({ origin: '*', maxAge: 86_400 }))
    .get('/', (c) => c.text(WELCOME))
    .use(
      '/graphql',
      bodyLimit({
        maxSize: limits.body,
        onError: (c) =>
          c.json(
            {
              errors: [
                {
                  message: `The request has more than ${limits.body} bytes.`,
                  extensions: { code: 'TOO_MUCH', advice: 'Ask in several queries.' },
                },
              ],
            },
            413,
          ),
      }),
    )
    .on(['GET', 'POST'], '/graphql', async (c) => {
      const response = await server.fetch(c.req.raw)
      const why = REFUSED[response.status]
      return why === undefined || response.body !== null
        ? response
        : c.json({ errors: [why] }, response.status as 406)
    })
}
