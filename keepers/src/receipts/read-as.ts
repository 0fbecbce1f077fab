import type { z } from 'zod'
import { fail } from '../errors.ts'

/**
 * Reads JSON of the format of receipts by the schema of the version that it names. Every error says which member is
 * wrong, what stands there and what is wanted.
 */
export function readAs<T>(
  readers: Readonly<Record<number, z.ZodType<T>>>,
  text: string,
  where: string,
): T {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw fail.badReceipt(
      {
        what: `it is not JSON: ${(cause as Error).message}`,
        where,
        advice: 'name the file of a receipt, or the number of a job',
      },
      { cause },
    )
  }
  const { format, version } = (typeof json === 'object' && json !== null ? json : {}) as Partial<
    Record<string, unknown>
  >
  if (format !== 'lockstep-receipt') {
    throw fail.badReceipt({
      what: 'it is no receipt: its "format" is not "lockstep-receipt"',
      where,
      advice: 'name the file of a receipt, or the number of a job',
    })
  }
  const known = Object.keys(readers).join(', ')
  const reader = Object.entries(readers).find(([number]) => number === String(version))?.[1]
  if (reader === undefined || typeof version !== 'number') {
    throw fail.badReceipt({
      what: `a receipt of version ${version === undefined ? 'none' : JSON.stringify(version)}, this lockstep knows ${known}`,
      where,
      advice: 'use a lockstep that knows it',
    })
  }
  const read = reader.safeParse(json)
  if (read.success) return read.data
  throw fail.badReceipt({
    what: describe(read.error.issues[0], json),
    where,
    advice: 'get the receipt again; docs/spec/receipts.md says what is in one',
  })
}

function describe(issue: z.core.$ZodIssue, json: unknown): string {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const place = path === '' ? '' : ` in ${path}`
    return `there should be no ${issue.keys.join(', ')}${place}`
  }
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  )
  if (value === undefined) return `${path} is missing`
  const shown = JSON.stringify(value)
  return `${path} is ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}, not ${issue.message}`
}
