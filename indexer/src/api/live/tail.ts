import { sql } from 'ponder'
import { type Database, relation, select } from '../data/database.ts'
import type { Head } from './head.ts'

/** An event by its id and all that is in its row. */
export interface Mark {
  readonly id: string
  readonly digest: string
}

/** Events that a reorganisation can reach: more than in Ponder's 30 blocks, unless they are very full. */
const LENGTH = 2_000

/** The newest events as they were at the last look, so that it shows when some of them became others. */
export class Tail {
  readonly #database: Database
  #version: string | undefined
  #looking: Promise<void> = Promise.resolve()
  #marks: readonly Mark[] = []
  #breaks: string[] = []

  constructor(database: Database) {
    this.#database = database
  }

  /** Id of the newest event. */
  get newest(): string {
    return this.#marks.at(-1)?.id ?? ''
  }

  /** How often the chain was found reorganised. */
  get breaks(): number {
    return this.#breaks.length
  }

  /** The least id from which on events became void since there were so many breaks. */
  voidSince(breaks: number): string | undefined {
    return this.#breaks.slice(breaks).sort()[0]
  }

  /** Looks again if the head has moved; one look for all who ask. */
  look({ version }: Head): Promise<void> {
    if (version !== this.#version) {
      this.#version = version
      this.#looking = this.#looking.then(
        () => this.#look(),
        () => this.#look(),
      )
    }
    return this.#looking
  }

  async #look(): Promise<void> {
    const rows = await select(
      this.#database,
      sql`SELECT id, md5(e::text) AS digest FROM ${relation(this.#database, 'event')} e ORDER BY id DESC LIMIT ${LENGTH}`,
    )
    const marks = rows
      .map(({ id, digest }) => ({ id: String(id), digest: String(digest) }))
      .reverse()
    const from = firstDifference(this.#marks, marks, LENGTH)
    if (from !== undefined) this.#breaks.push(from)
    this.#marks = marks
  }
}

/** The first id up to the newest old one at which the newest events are not what they were. */
export function firstDifference(
  before: readonly Mark[],
  after: readonly Mark[],
  length: number,
): string | undefined {
  if (before.length === 0) return undefined
  // As far back as both go.
  const start = after.length < length || before[0].id > after[0].id ? before[0].id : after[0].id
  const end = before[before.length - 1].id
  const within = ({ id }: Mark): boolean => id >= start && id <= end
  const [old, now] = [before.filter(within), after.filter(within)]
  for (let at = 0; at < Math.max(old.length, now.length); at++) {
    if (at >= old.length) return now[at].id
    if (at >= now.length) return old[at].id
    if (old[at].id !== now[at].id) return old[at].id < now[at].id ? old[at].id : now[at].id
    if (old[at].digest !== now[at].digest) return old[at].id
  }
  return undefined
}
