/** "0x1234…abcd"; short texts stay whole. Long decimal ids are cut likewise. */
export function abbreviate(text: string, head = 6, tail = 4): string {
  const start = text.startsWith('0x') ? head : head - 2
  return text.length <= start + tail + 1 ? text : `${text.slice(0, start)}…${text.slice(-tail)}`
}

/** Camel case and capitals as words: "commitSteps" → "commit steps", "IN_WORK" → "in work". */
export const words = (name: string): string =>
  /^[A-Z_\d]+$/.test(name)
    ? name.toLowerCase().replaceAll('_', ' ')
    : name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()

/** An address if it is one that a browser may open: http or https, nothing else. */
export function asLink(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined
}

/** A message that holds texts of others, without what turns the direction in which the rest of it is written. */
export const visible = (text: string): string =>
  text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
