import { bitsOf, fromBits } from './bits.ts'

const SMALLEST_NORMAL = fromBits(0x00800000)
const SQRT_HALF_BITS = 0x3f3504f3

/** Bits of x, made normal by 2^23 where x is subnormal, less those of √½. 0 < x < ∞. */
function distance(x: number): number {
  return bitsOf(x < SMALLEST_NORMAL ? x * 8388608 : x) - SQRT_HALF_BITS
}

/** e of x = m · 2^e with m in [√½, √2). 0 < x < ∞. */
export function exponentOf(x: number): number {
  return (distance(x) >> 23) - (x < SMALLEST_NORMAL ? 23 : 0)
}

/** m of x = m · 2^e with m in [√½, √2). 0 < x < ∞. */
export function significandOf(x: number): number {
  return fromBits((distance(x) & 0x007fffff) + SQRT_HALF_BITS)
}
