import { sql } from 'ponder'
import { type Statement, select } from '../data/database.ts'
import type { Row } from '../data/tables.ts'
import type { Services } from '../schema/context.ts'

/** Events that came, or from which id on those that came before are void. */
export type News = { readonly events: readonly Row[] } | { readonly voidFrom: string }

const BATCH = 100

/**
 * Events that match, from now on, in the order of the chain, each once. After a reorganisation those that follow its
 * first difference are told again as they are now; if some of those were told, it is said before.
 */
export async function* feed(
  { database, tables, live: { heads, tail } }: Services,
  condition: Statement,
  signal: AbortSignal,
): AsyncGenerator<News> {
  const table = tables.get('Event')!
  let head = await heads.next(undefined, signal)
  await tail.look(head)
  let breaks = tail.breaks
  // All that matched up to here is told; `told` is the last of it.
  let since = { id: tail.newest, isIncluded: false }
  let told = ''
  for (;;) {
    head = await heads.next(head.version, signal)
    await tail.look(head)
    const [newest, from] = [tail.newest, tail.voidSince(breaks)]
    breaks = tail.breaks
    if (from !== undefined && from <= since.id) {
      since = { id: from, isIncluded: true }
      if (from <= told) yield { voidFrom: from }
    }
    for (;;) {
      const comparison = sql.raw(since.isIncluded ? '>=' : '>')
      const raw = await select(
        database,
        sql`SELECT * FROM ${table.relation} t WHERE t.id ${comparison} ${since.id} AND ${condition}
          ORDER BY t.id LIMIT ${BATCH}`,
      )
      const events = raw.map((row) => table.row(row))
      if (events.length > 0) {
        told = String(events[events.length - 1].id)
        since = { id: told, isIncluded: false }
        yield { events }
      }
      if (events.length < BATCH) break
    }
    if (newest > since.id) since = { id: newest, isIncluded: false }
  }
}
