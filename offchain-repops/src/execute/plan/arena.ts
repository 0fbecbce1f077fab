import { LEAF_ELEMENTS } from '../../commit/tensor.ts'

/** Words that are needed from one task to another, both included. */
export interface Lifetime {
  readonly words: number
  readonly first: number
  readonly last: number
}

/** Where lifetimes lie, and the words that all of them take. */
export interface Placement {
  readonly offsets: readonly number[]
  readonly words: number
}

// Bounds on what strangers' programs may cost to plan: more than GPT-2 with 48 layers needs.
const MOST_BY_SIZE = 16_384
const MOST_SEARCHED = 4096

/**
 * Offsets, multiples of a leaf, such that no two lifetimes that meet share words. Each goes into the tightest gap that
 * it fits, the largest first (Pisarchyk and Lee, Efficient memory management for deep neural net inference, 2020,
 * algorithm 3); the order of time is tried too, and the smaller arena taken.
 */
export function placeInArena(lifetimes: readonly Lifetime[]): Placement {
  const indices = lifetimes.map((_, i) => i)
  const byTime = indices.toSorted((a, b) => lifetimes[a].first - lifetimes[b].first || a - b)
  const one = placeInOrder(lifetimes, byTime, true)
  if (lifetimes.length > MOST_BY_SIZE) return one
  const bySize = indices.toSorted((a, b) => lifetimes[b].words - lifetimes[a].words || a - b)
  const other = placeInOrder(lifetimes, bySize, false)
  return other.words < one.words ? other : one
}

function placeInOrder(
  lifetimes: readonly Lifetime[],
  order: readonly number[],
  isByTime: boolean,
): Placement {
  const offsets = new Array<number>(lifetimes.length).fill(0)
  let placed: number[] = [] // by offset
  let room = MOST_SEARCHED
  let total = 0
  for (const index of order) {
    const { words, first, last } = lifetimes[index]
    // What is over now is over for all that come later.
    if (isByTime && placed.length > room) {
      placed = placed.filter((other) => lifetimes[other].last >= first)
      room = Math.max(MOST_SEARCHED, 2 * placed.length)
    }
    const size = aligned(words)
    let best = -1
    let bestGap = Infinity
    let end = 0
    // Too many to search: on top of all.
    if (isByTime && placed.length > MOST_SEARCHED) end = total
    else {
      for (const other of placed) {
        const them = lifetimes[other]
        if (them.last < first || them.first > last) continue
        const gap = offsets[other] - end
        if (gap >= size && gap < bestGap) [best, bestGap] = [end, gap]
        end = Math.max(end, offsets[other] + aligned(them.words))
      }
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

const aligned = (words: number): number => Math.ceil(words / LEAF_ELEMENTS) * LEAF_ELEMENTS
