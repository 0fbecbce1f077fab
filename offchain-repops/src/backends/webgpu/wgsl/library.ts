/** Functions of WGSL by name: the text of each, from which what it calls is found. */
export type Library = ReadonlyMap<string, string>

/** The functions that the texts declare; a later one replaces an earlier one of its name. */
export function libraryOf(...texts: readonly string[]): Library {
  const functions = texts.flatMap((text) => text.split(/\n(?=fn )/)).map((text) => text.trim())
  return new Map(functions.filter((text) => text !== '').map((text) => [declared(text), text]))
}

function declared(text: string): string {
  const name = /^fn (\w+)\(/.exec(text)?.[1]
  if (name === undefined) throw new Error(`no function is declared by ${JSON.stringify(text)}`)
  return name
}

/** `body`, followed by the functions of the library that it calls, directly or not. */
export function withLibrary(library: Library, body: string): string {
  const wanted = new Set<string>()
  const collect = (text: string): void => {
    for (const [, name] of text.matchAll(/\b([a-z]\w*)\(/g)) {
      const called = library.get(name)
      if (called === undefined || wanted.has(name)) continue
      wanted.add(name)
      collect(called)
    }
  }
  collect(body)
  const called = Array.from(library).filter(([name]) => wanted.has(name))
  return [body, ...called.map(([, text]) => text)].join('\n\n')
}
