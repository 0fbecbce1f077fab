import type { PgColumn } from 'ponder'
import { apiError } from '../errors.ts'
import type { Field } from '../sdl/entities.ts'
import { readKey } from './key.ts'
import { type Key, type Row, type Table, type Value, columnName } from './tables.ts'

/** A place in an order: the value that rows are ordered by, then the id. */
export interface Place {
  readonly value: unknown
  readonly id: Key
}

/** The place of a row, opaque: it says for which list and order it is good. */
export function writeCursor(table: Table, field: Field, row: Row): string {
  const value = row[columnName(field)] as Value
  return Buffer.from(
    JSON.stringify([
      table.entity.many,
      field.name,
      value === null ? null : String(value),
      String(row.id),
    ]),
  ).toString('base64url')
}

/** The place that a cursor is for; throws if it is none of this list in this order. */
export function readCursor(table: Table, field: Field, cursor: string): Place {
  const { many } = table.entity
  const [list, name, value, id] = parse(cursor)
  if (list !== many) throw badCursor(`it is one of ${list}, not of ${many}`)
  if (name !== field.name) {
    throw badCursor(`it is for orderBy: ${name}, not for orderBy: ${field.name}`)
  }
  try {
    const column = table.column(field)
    if (value === null && column.notNull) throw new RangeError(`${column.name} is never null`)
    return {
      value: value === null ? null : readValue(column, value),
      id: readKey(table.id, id),
    }
  } catch {
    throw badCursor('it was changed')
  }
}

function parse(cursor: string): [string, string, string | null, string] {
  try {
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown
    if (
      Array.isArray(parts) &&
      parts.length === 4 &&
      parts.every((part, i) => typeof part === 'string' || (i === 2 && part === null))
    ) {
      return parts as [string, string, string | null, string]
    }
  } catch {
    // Told below.
  }
  throw badCursor('it is none of this server')
}

/** A value of a column from its text: the inverse of `String`. */
function readValue(column: PgColumn, text: string): unknown {
  switch (column.dataType) {
    case 'number': {
      const number = Number(text)
      if (
        Number.isSafeInteger(number) &&
        (column.columnType !== 'PgInteger' || number === (number | 0))
      )
        return number
      break
    }
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true'
      break
    case 'bigint':
      if (/^-?\d{1,78}$/.test(text)) return BigInt(text)
      break
    default:
      if (!text.includes('\0')) return text
  }
  throw new RangeError(`not a value of ${column.name}`)
}

const badCursor = (why: string): Error =>
  apiError(
    'BAD_INPUT',
    `The cursor cannot be used: ${why}.`,
    'Take a cursor from `pageInfo` or `edges` of the same list with the same orderBy, or leave it out for the first page.',
  )
