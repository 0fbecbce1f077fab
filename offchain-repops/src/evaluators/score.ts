import type { Value } from '../build/Value.ts'

/** What a score counts: millionths of what is scored. */
export const SCORE_UNIT = 1e-6

/** The score of what cannot be scored: less than every other. */
export const NO_SCORE = -(2 ** 31)

const LARGEST = 2000 // in units of what is scored: within 31 bits of millionths

/**
 * A score in millionths of `x`, an f32 scalar: rounded to the nearest, ties to even; NO_SCORE where x is NaN or beyond
 * ±2,000, so that nothing is won with numbers that are none.
 */
export function scoreOf(x: Value): Value {
  const isNumber = x.abs().le(LARGEST)
  return isNumber.where(
    x
      .mul(1 / SCORE_UNIT)
      .round()
      .f2i(),
    x.graph.i32(NO_SCORE),
  )
}
