const MOST = 300

/** The first line of what went wrong, and what it announces, without the full stop: it stands within sentences. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const [first = '', second = ''] = text.split('\n', 2)
  const line = first.endsWith(':') ? `${first} ${second}` : first
  return line.slice(0, MOST).replace(/[.:]?\s*$/, '')
}
