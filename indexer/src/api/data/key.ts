import type { PgColumn } from 'ponder'
import { apiError } from '../errors.ts'
import type { Key } from './tables.ts'

/** An id as its column has it; throws if no row can have it. */
export function readKey(column: PgColumn, text: string): Key {
  switch (column.columnType) {
    case 'PgEvmBigint':
      // 78 digits: those of 2^256.
      if (/^\d{1,78}$/.test(text)) return BigInt(text)
      throw badId(text, 'a whole number')
    case 'PgInteger':
      if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 31) return Number(text)
      throw badId(text, 'a whole number below 2^31')
    case 'PgHex':
      if (/^0x([0-9a-f]{2})*$/i.test(text)) return text.toLowerCase()
      throw badId(text, 'bytes as 0x and hexadecimal digits')
    default:
      if (!text.includes('\0')) return text
      throw badId(text, 'text without NUL')
  }
}

const badId = (text: string, wanted: string): Error =>
  apiError(
    'BAD_INPUT',
    `${JSON.stringify(text.slice(0, 100))} is no id here.`,
    `Ids of this type are ${wanted}.`,
  )
