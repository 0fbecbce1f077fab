/**
 * The last answers, kept beyond a reload: what the page shows while nothing answers. Bounded in number and size; a full
 * or forbidden storage only means that nothing is kept.
 */
export interface Remembered {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly data: unknown
}

const PREFIX = 'lockstep:answer:'
const MOST = 60
const MOST_CHARACTERS = 400_000

export function recall(key: string): Remembered | undefined {
  try {
    const text = localStorage.getItem(PREFIX + key)
    if (text === null) return undefined
    const { at, data } = JSON.parse(text) as Partial<Remembered>
    return typeof at === 'number' && data !== undefined ? { at, data } : undefined
  } catch {
    return undefined
  }
}

export function remember(key: string, { at, data }: Remembered): void {
  try {
    const text = JSON.stringify({ at, data })
    if (text.length > MOST_CHARACTERS) return
    localStorage.setItem(PREFIX + key, text)
    forgetOldest()
  } catch {
    forgetAll()
  }
}

function keys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))
}

function forgetOldest(): void {
  const all = keys()
  if (all.length <= MOST) return
  const aged = all.map((key) => ({ key, at: recall(key.slice(PREFIX.length))?.at ?? 0 }))
  aged.sort((a, b) => a.at - b.at)
  for (const { key } of aged.slice(0, all.length - MOST)) localStorage.removeItem(key)
}

function forgetAll(): void {
  try {
    for (const key of keys()) localStorage.removeItem(key)
  } catch {
    // There is no storage at all.
  }
}
