const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** A duration by its two largest units: "2 d 3 h", "4 min 10 s", "12 s". */
export function duration(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds))
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count} ${unit}`)
    else if (parts.length > 0) break
    left -= count * size
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

/** How long ago, or in how long, by the largest unit: "3 min ago", "in 2 h", "now". */
export function relative(time: number, now: number): string {
  const distance = Math.abs(time - now)
  if (distance < 1) return 'now'
  const [unit, size] = UNITS.find(([, length]) => distance >= length) ?? UNITS[3]
  const count = `${Math.floor(distance / size)} ${unit}`
  return time > now ? `in ${count}` : `${count} ago`
}

/** "2026-11-21 02:06:27 UTC". */
export const absolute = (time: number): string =>
  `${new Date(time * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** "2026-11-21". */
export const day = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10)

/** "02:06:27", with hours beyond 24 as they are: a clock that runs down. */
export function clock(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(left / 3600)
  return `${two(hours)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`
}
