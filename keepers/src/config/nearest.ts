/** The known word with the fewest letters to insert, remove or replace; the first of several. */
export function nearest(word: string, known: readonly string[]): string {
  const distances = known.map((other) => distance(word.toLowerCase(), other.toLowerCase()))
  return known[distances.indexOf(Math.min(...distances))]
}

/** Levenshtein's distance, row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}
