/** JSON as the contract says it: whole numbers beyond 2^53 as decimal strings. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) result[key] = plain(inner)
  return result
}

/** Text of the chain as a database can hold it: without the byte that ends strings there. */
export const textOf = (text: string): string => text.replaceAll('\0', '')
