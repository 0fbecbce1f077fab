/** Words that are needed from one task to another, both included. */
export interface Lifetime {
  readonly words: number
  readonly first: number
  readonly last: number
}

/** Offsets are multiples of a leaf, 256 words, so that every tensor starts on a page of 1,024 bytes. */
const ALIGNMENT = 256

/**
 * Offsets for lifetimes such that no two that meet share words, and the words that all of them take. The largest goes
 * first, each into the tightest gap that it fits (Pisarchyk and Lee, Efficient memory management for deep neural net
 * inference, 2020, algorithm 3); the order of time is tried too, and the smaller arena taken.
 */
export function placeInArena(lifetimes: readonly Lifetime[]): {
  offsets: number[]
  words: number
} {
  const indices = lifetimes.map((_, i) => i)
  const bySize = indices.toSorted((a, b) => lifetimes[b].words - lifetimes[a].words || a - b)
  const byTime = indices.toSorted((a, b) => lifetimes[a].first - lifetimes[b].first || a - b)
  const [one, other] = [bySize, byTime].map((order) => placeInOrder(lifetimes, order))
  return other.words < one.words ? other : one
}

function placeInOrder(
  lifetimes: readonly Lifetime[],
  order: readonly number[],
): { offsets: number[]; words: number } {
  const offsets = new Array<number>(lifetimes.length).fill(0)
  const placed: number[] = [] // by offset
  let total = 0
  for (const index of order) {
    const { words, first, last } = lifetimes[index]
    const size = aligned(words)
    let best = -1
    let bestGap = Infinity
    let end = 0
    for (const other of placed) {
      const them = lifetimes[other]
      if (them.last < first || them.first > last) continue
      const gap = offsets[other] - end
      if (gap >= size && gap < bestGap) [best, bestGap] = [end, gap]
      end = Math.max(end, offsets[other] + aligned(them.words))
    }
    offsets[index] = best >= 0 ? best : end
    total = Math.max(total, offsets[index] + size)
    placed.splice(insertionPoint(placed, offsets, offsets[index]), 0, index)
  }
  return { offsets, words: total }
}

/** Where something at `offset` belongs in a list that is sorted by offset. */
function insertionPoint(
  sorted: readonly number[],
  offsets: readonly number[],
  offset: number,
): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (offsets[sorted[middle]] <= offset) low = middle + 1
    else high = middle
  }
  return low
}

const aligned = (words: number): number => Math.ceil(words / ALIGNMENT) * ALIGNMENT
