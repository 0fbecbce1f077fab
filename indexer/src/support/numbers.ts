/** Fields of a row that count or add up. */
export type Sums<Row> = {
  [Field in keyof Row as Row[Field] extends number | bigint ? Field : never]?: Row[Field]
}

/** What adding leaves of those fields: the arguments of an update. */
export function plus<Row extends object>(row: Row, sums: Sums<Row>): Partial<Row> {
  const result: Record<string, number | bigint> = {}
  for (const [field, more] of Object.entries(sums) as [keyof Row & string, number | bigint][]) {
    const value: unknown = row[field]
    result[field] = typeof more === 'bigint' ? (value as bigint) + more : (value as number) + more
  }
  return result as Partial<Row>
}

/** GraphQL's `Int` ends here. What the chain lets grow further means nothing to the protocol there. */
const MOST = 2 ** 31 - 1

export const int = (value: number | bigint): number => Math.min(Number(value), MOST)

/** Numbers of the bits that are set, ascending. */
export function bitsOf(word: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => ((word >> BigInt(i)) & 1n) === 1n)
}
