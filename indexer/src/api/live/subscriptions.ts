import { sql } from 'ponder'
import type { RowOf } from '../data/rows.ts'
import { type Statement, relation, select } from '../data/database.ts'
import { readKey } from '../data/key.ts'
import { parameter } from '../data/sql.ts'
import type { Key, Row } from '../data/tables.ts'
import { apiError } from '../errors.ts'
import { find } from '../computed/computed.ts'
import { turnOfDispute } from '../computed/disputes.ts'
import { isTradingAt } from '../computed/markets.ts'
import { metaOf } from '../computed/meta.ts'
import { clockOf } from '../computed/work.ts'
import type { Context } from '../schema/context.ts'
import { Reference } from '../schema/entities.ts'
import { type News, feed } from './feed.ts'
import { type State, follow } from './follow.ts'

type Make<Given> = (given: Given, context: Context, signal: AbortSignal) => AsyncGenerator

/** Resolvers of `Subscription`: each field yields what its type's resolvers take. */
export const subscriptionResolvers = {
  Subscription: {
    head: field(heads),
    job: field(following('Job', jobState)),
    dispute: field(following('Dispute', disputeState)),
    market: field(following('Market', marketState)),
    disputes: field(disputes),
    events: { ...field(events), resolve: toldEvent },
  },
}

function field<Given>(make: Make<Given>) {
  return {
    subscribe: (_: unknown, given: Given, context: Context) =>
      context.live.subscriptions.start((signal) => make(given, context, signal)),
    resolve: (value: unknown) => value,
  }
}

async function* heads(_: object, context: Context, signal: AbortSignal): AsyncGenerator {
  let version: string | undefined
  for (;;) {
    const head = await context.live.heads.next(version, signal)
    version = head.version
    yield metaOf(head, context)
  }
}

/** An object by id: `read` tells its state. */
function following<T>(
  name: string,
  read: (id: Key, context: Context) => Promise<State<T> | undefined>,
): Make<{ id: string }> {
  return ({ id }, context, signal) => {
    const key = readKey(context.tables.get(name)!.id, id)
    return follow(context, `${name} ${id}`, context, () => read(key, context), signal)
  }
}

async function jobState(id: Key, context: Context): Promise<State<RowOf<'job'>> | undefined> {
  const job = await find(context, 'job', id)
  if (!job) return undefined
  const [clock, last] = await Promise.all([clockOf(job, context), lastEvent('job_id', id, context)])
  return {
    value: job,
    version: textOf(job, last, clock?.waitsFor),
    isFinal: clock === null,
    block: blockOf(last),
    until: clock?.until,
  }
}

async function disputeState(
  id: Key,
  context: Context,
): Promise<State<RowOf<'dispute'>> | undefined> {
  const dispute = await find(context, 'dispute', id)
  if (!dispute) return undefined
  // The solver's answers are events of the claim.
  const [turn, last] = await Promise.all([
    turnOfDispute(dispute, context),
    lastEvent('claim_id', dispute.claimId, context),
  ])
  return {
    value: dispute,
    version: textOf(dispute, last, turn?.secondsLeft === 0),
    isFinal: dispute.status !== 'QUEUED' && dispute.status !== 'LIVE',
    block: blockOf(last),
    until: turn?.deadline,
  }
}

async function marketState(id: Key, context: Context): Promise<State<RowOf<'market'>> | undefined> {
  const market = await find(context, 'market', id)
  if (!market) return undefined
  const last = await lastEvent('market_id', id, context)
  const isTrading = isTradingAt(market, await context.now())
  return {
    value: market,
    version: textOf(market, last, isTrading),
    isFinal: market.status !== 'OPEN',
    block: blockOf(last),
    until: isTrading ? market.closesAt : undefined,
  }
}

/** Id of the newest event about an object, by a column of `event`; empty if there is none. */
async function lastEvent(column: string, id: Key, { database }: Context): Promise<string> {
  const rows = await select(
    database,
    sql`SELECT id FROM ${relation(database, 'event')} WHERE ${sql.identifier(column)} = ${parameter(id)} ORDER BY id DESC LIMIT 1`,
  )
  return String(rows.at(0)?.id ?? '')
}

const blockOf = (eventId: string): bigint => BigInt(eventId.split('-')[0])

const textOf = (...parts: unknown[]): string =>
  JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))

async function* disputes(_: object, context: Context, signal: AbortSignal): AsyncGenerator {
  for await (const news of feed(context, sql`t.dispute_id IS NOT NULL`, signal)) {
    if ('voidFrom' in news) continue
    for (const id of new Set(news.events.map(({ disputeId }) => disputeId as Key))) {
      context.renew()
      yield new Reference(id)
    }
  }
}

interface EventsGiven {
  readonly job?: string | null
  readonly market?: string | null
  readonly contract?: string | null
}

async function* events(
  given: EventsGiven,
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<Row | Extract<News, { voidFrom: string }>> {
  for await (const news of feed(context, matching(given, context), signal)) {
    context.renew()
    if ('events' in news) yield* news.events
    else yield news
  }
}

function matching({ job, market, contract }: EventsGiven, { tables }: Context): Statement {
  const idOf = (name: string, id: string): Statement => parameter(readKey(tables.get(name)!.id, id))
  return sql.join(
    [
      sql`true`,
      ...(job ? [sql`t.job_id = ${idOf('Job', job)}`] : []),
      ...(market ? [sql`t.market_id = ${idOf('Market', market)}`] : []),
      ...(contract ? [sql`t.contract = ${contract}`] : []),
    ],
    sql` AND `,
  )
}

function toldEvent(news: Row | { voidFrom: string }): Row {
  if (!('voidFrom' in news)) return news
  throw apiError(
    'REORGANISED',
    `The chain was reorganised: events from ${String(news.voidFrom)} on are void.`,
    'Forget them: those of the chain as it is now follow.',
    { from: news.voidFrom },
  )
}
