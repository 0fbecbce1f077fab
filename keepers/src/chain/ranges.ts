import { BaseError, HttpRequestError } from 'viem'
import { LockstepError } from '../errors.ts'

const MOST_BLOCKS = 5_000n
// After so many answers in a row, a range that was refused once is tried again.
const ANSWERS_BEFORE_GROWING = 8

/**
 * Asks for blocks `from` … `to` in ranges, in order, and returns everything that was found. Ranges shrink where an
 * endpoint refuses to answer as much at once, down to one block, and grow again behind the dense part.
 */
export async function inRanges<T>(
  from: bigint,
  to: bigint,
  read: (first: bigint, last: bigint) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = []
  let size = MOST_BLOCKS
  let answers = 0
  for (let first = from; first <= to; ) {
    const last = first + size - 1n < to ? first + size - 1n : to
    try {
      for (const item of await read(first, last)) found.push(item)
      first = last + 1n
      if (++answers % ANSWERS_BEFORE_GROWING === 0 && size < MOST_BLOCKS) size *= 2n
    } catch (error) {
      if (size === 1n || !canBeRange(error)) throw error
      size = last - first + 1n > 1n ? (last - first + 1n) / 2n : 1n
      answers = 0
    }
  }
  return found
}

/**
 * Whether a failure may be about the size of the range. Limits on ranges, results and time come in so many wordings
 * that only what cannot be one is told apart: no connection, no permission, too many requests.
 */
function canBeRange(error: unknown): boolean {
  if (error instanceof LockstepError || !(error instanceof BaseError)) return false
  const http = error.walk((inner) => inner instanceof HttpRequestError)
  if (!(http instanceof HttpRequestError)) return true
  return http.status !== undefined && ![401, 403, 404, 429].includes(http.status)
}
