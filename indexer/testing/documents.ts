import { readFileSync } from 'node:fs'

const FILE = new URL('../../app/src/data/documents.d.ts', import.meta.url)

/** The explorer's questions by name, each with the fragments that it uses: what the server is asked most. */
export function pageDocuments(): ReadonlyMap<string, string> {
  const texts = [...readFileSync(FILE, 'utf8').matchAll(/^\s*("(?:[^"\\]|\\.)*"):$/gm)].map(
    // A note to the typing of fragments, which is not sent.
    ([, quoted]) => (JSON.parse(quoted) as string).replace(' @_unmask', ''),
  )
  const named = new Map(
    texts.map((text) => [/(?:query|subscription|fragment) (\w+)/.exec(text)![1], text]),
  )
  const whole = (name: string, seen: Set<string>): string => {
    seen.add(name)
    const text = named.get(name)!
    const used = [...text.matchAll(/\.\.\.(\w+)/g)].map(([, fragment]) => fragment)
    return [
      text,
      ...used.filter((one) => named.has(one) && !seen.has(one)).map((one) => whole(one, seen)),
    ].join('\n')
  }
  const queries = [...named].filter(([, text]) => /^\s*query/.test(text))
  return new Map(queries.map(([name]) => [name, whole(name, new Set())]))
}
