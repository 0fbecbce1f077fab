/**
 * 2^28 + 1. With v = s · SPLIT in float64, v − (v − s) is s rounded to 25 bits (Veltkamp), so it
 * equals s exactly where s has no more than 25 significant bits.
 */
const SPLIT = 268435457

const float64 = new Float64Array(1)
const words = new Int32Array(float64.buffer)

/**
 * a·b + c with one rounding to f32.
 *
 * The float64 product of two f32 is exact, and rounding the float64 sum s once more to f32 is
 * right unless s lies exactly half-way between two f32 while the exact sum does not. A half-way
 * point, also one between subnormals, has at most 25 significant bits, so only such s are looked
 * at again.
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b
  const s = product + c
  const v = s * SPLIT
  const nearest = Math.fround(s)
  if (v - (v - s) !== s || nearest === s) return nearest
  return Math.fround(roundHalfway(product, c, s)) // fround says to the engine that it is an f32
}

/** product + c rounded to f32, given its float64 rounding s. Correct for every s. */
export function roundHalfway(product: number, c: number, s: number): number {
  const nearest = Math.fround(s)
  if (nearest === s) return nearest
  const part = s - product
  const rest = product - (s - part) + (c - part) // product + c − s exactly (Knuth's two-sum)
  if (rest === 0 || rest !== rest) return nearest
  // The float64 next to s on the side of `rest` is on the same side of the half-way point.
  float64[0] = s
  if (rest > 0 === s > 0) {
    words[0] |= 1
  } else {
    if (words[0] === 0) words[1] -= 1
    words[0] -= 1
  }
  return Math.fround(float64[0])
}
