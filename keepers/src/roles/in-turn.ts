/** The first of every list, then the second of every list, and so on; at most so many in all. */
export function inTurn<T>(lists: readonly (readonly T[])[], most: number): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  const taken: T[] = []
  for (let i = 0; i < longest && taken.length < most; i++)
    taken.push(...lists.filter(({ length }) => i < length).map((list) => list[i]))
  return taken.slice(0, most)
}
