import type { Database } from './database.ts'

/** What is used of Ponder's database. */
export interface PonderDatabase {
  readonly driver:
    | {
        readonly dialect: 'postgres'
        /** The pool of connections that answers come through. */
        readonly readonly: { readonly options: { statement_timeout?: number | false | undefined } }
      }
    | { readonly dialect: 'pglite'; readonly instance: { query: Query } }
  readonly userQB: { transaction: (...args: readonly unknown[]) => Promise<unknown> }
}
type Query = (text: string, ...rest: readonly unknown[]) => Promise<unknown>
type Execute = Database['execute']

/** A statement that changes a table of ours, or takes back what a block changed; those of Ponder begin with a line. */
const WRITE =
  /^\s*(?:(?:insert\s+into|update|delete\s+from|copy)\s+"[^"]+"\."(?!_)|with\s+reverted)/i

/**
 * `execute`, but on PGlite it waits while a block is written. Ponder has no transactions there: it writes one table
 * after the other in the one session that reads go through too, and a read in between would see a part of the block.
 * It waits from the first write on only, not while events are folded, which may ask a node that does not answer.
 */
export function wholeBlocks({ driver, userQB }: PonderDatabase, execute: Execute): Execute {
  if (driver.dialect === 'postgres') return execute
  let depth = 0
  let writing: Promise<void> | undefined
  let open: () => void = () => undefined
  const reads = new Set<Promise<unknown>>()

  const query = driver.instance.query.bind(driver.instance)
  driver.instance.query = async (text, ...rest) => {
    if (depth > 0 && WRITE.test(text)) {
      writing ??= new Promise((resolve) => (open = resolve))
      // Those that were let in come first, and are few: no others are by now.
      await Promise.allSettled(reads)
    }
    return query(text, ...rest)
  }
  const transaction = userQB.transaction.bind(userQB)
  userQB.transaction = async (...args) => {
    depth += 1
    try {
      return await transaction(...args)
    } finally {
      depth -= 1
      if (depth === 0) {
        writing = undefined
        open()
      }
    }
  }
  return async (statement) => {
    // After one block the next one may have begun.
    while (writing !== undefined) await writing
    const reading = execute(statement)
    reads.add(reading)
    try {
      return await reading
    } finally {
      reads.delete(reading)
    }
  }
}
