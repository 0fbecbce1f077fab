import { availableParallelism } from 'node:os'

/** One thread, and all of them where there are more. */
export const threadCounts = (): number[] => [...new Set([1, availableParallelism()])]

export const threadsNote = (threads: number): string =>
  threads === 1 ? '1 thread' : `${threads} threads`
