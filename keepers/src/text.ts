/** So many seconds in the two largest units that fit. */
export function span(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, length]) => seconds >= length)
  if (first === -1) return '0 s'
  let left = seconds
  return units
    .slice(first, first + 2)
    .map(([name, length]) => {
      const many = Math.floor(left / length)
      left -= many * length
      return many === 0 ? '' : `${many} ${name}`
    })
    .filter(Boolean)
    .join(' ')
}

/** Rows of cells, each column as wide as its widest. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  )
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  )
}

/** The host of a URL: addresses with colons go in brackets there. */
export const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** A time and how far it is. */
export function when(second: number, now: number): string {
  const date = new Date(second * 1000).toISOString().replace('.000', '')
  return second >= now ? `${date} (in ${span(second - now)})` : `${date} (past)`
}
