import { availableParallelism } from 'node:os'

/** The numbers of threads in a list like "1,2"; one, and all of them where there are more, without a list. */
export function threadCounts(list?: string): number[] {
  const counts = list?.split(',').map(Number) ?? [1, availableParallelism()]
  const wrong = counts.some((count) => !(Number.isInteger(count) && count >= 1 && count <= 256))
  if (wrong)
    throw new RangeError(
      `--threads ${list}: it wants whole numbers from 1 to 256 with commas in between`,
    )
  return [...new Set(counts)]
}

export const threadsNote = (threads: number): string =>
  threads === 1 ? '1 thread' : `${threads} threads`
