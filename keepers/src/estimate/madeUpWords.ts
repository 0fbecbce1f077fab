import type { DType } from '@lockstep/repops'

// Longer than what branch predictors learn by heart.
const PERIOD = 2 ** 14
const MOST_KEPT = 2 ** 20
const kept = new Map<DType, Int32Array>()

/** Data to time kernels on: floats of ordinary size; integers in no order, below `limit` where there is one. */
export function madeUpWords(type: DType, count: number, limit?: number): Int32Array {
  if (limit !== undefined) return repeated(count, (mixed) => (mixed >>> 1) % limit)
  const known = kept.get(type)
  if (known !== undefined && known.length >= count) return known.subarray(0, count)
  const words = repeated(count, (mixed, i) =>
    type === 'i32' ? mixed >> 8 : (mixed & 0x807fffff) | ((115 + (i % 17)) << 23),
  )
  if (count <= MOST_KEPT) kept.set(type, words)
  return words
}

function repeated(count: number, make: (mixed: number, i: number) => number): Int32Array {
  const words = new Int32Array(count)
  const made = Math.min(count, PERIOD)
  for (let i = 0; i < made; i++) {
    const mixed = Math.imul(i + 1, 0x9e3779b1) ^ (Math.imul(i + 1, 0x85ebca6b) >>> 15)
    words[i] = make(mixed, i)
  }
  for (let done = made; done < count; done *= 2)
    words.copyWithin(done, 0, Math.min(done, count - done))
  return words
}
