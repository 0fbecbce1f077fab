const float64 = new Float64Array(1)
const words = new Int32Array(float64.buffer)

/**
 * a·b + c with one rounding to f32.
 *
 * The float64 product of two f32 is exact, and rounding the float64 sum s once more to f32 is
 * right unless s lies exactly half-way between two f32 while the exact sum does not. Half-way
 * points, of normal and of subnormal f32, have their 28 lowest bits zero, so only those are
 * looked at again.
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b
  const s = product + c
  float64[0] = s
  return (words[0] & 0x0fffffff) === 0 ? roundHalfway(product, c, s) : Math.fround(s)
}

/** Rounds product + c to f32, given its float64 rounding s. */
export function roundHalfway(product: number, c: number, s: number): number {
  const part = s - product
  const rest = product - (s - part) + (c - part) // product + c − s exactly (Knuth's two-sum)
  if (rest !== 0 && rest === rest) {
    // Round to odd instead: the float64 next to s on the side of `rest` has an odd last bit.
    float64[0] = s
    if (rest > 0 === s > 0) {
      words[0] |= 1
    } else {
      if (words[0] === 0) words[1] -= 1
      words[0] -= 1
    }
    return Math.fround(float64[0])
  }
  return Math.fround(s) // exact, or not finite
}
