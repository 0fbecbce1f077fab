import { fma } from './fma.ts'
import { bitsOf, fromBits } from './bits.ts'
import { highProduct } from './integers.ts'
import { powerOfTwo } from './scale.ts'

const QUARTER_PI = fromBits(0x3f490fdb)
const HALF_PI_FIXED = 0xc90fdaa2 // π/2 · 2^31, truncated

/** 2/π after one word of zeros, 32 bits a word. */
const TWO_OVER_PI = Int32Array.of(
  0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
) // prettier-ignore

const S0 = fromBits(0xbe2aaaab)
const S1 = fromBits(0x3c0888ba)
const S2 = fromBits(0xb9502caa)
const S3 = fromBits(0x363e1627)

const C0 = -0.5
const C1 = fromBits(0x3d2aaaa5)
const C2 = fromBits(0xbab60614)
const C3 = fromBits(0x37ccf406)

/** Sine. At most 1 ULP from the correctly rounded value, over all 2^32 inputs. */
export function sin(x: number): number {
  return x < 0 || Object.is(x, -0) ? -rotated(-x, 0) : rotated(x, 0)
}

/** Cosine. At most 1 ULP from the correctly rounded value, over all 2^32 inputs. */
export function cos(x: number): number {
  return rotated(Math.abs(x), 1)
}

/** sin(t + turn·π/2) for t ≥ +0, by the exact reduction of t to r + q·π/2 with |r| ≤ π/4. */
function rotated(t: number, turn: number): number {
  if (!(t < Infinity)) return NaN
  if (t <= QUARTER_PI) return turn === 0 ? sinReduced(t, 0) : cosReduced(t)

  // t = m · 2^(e − 150). The 96 bits of 2/π from the one of weight 2^(151 − e) on, times m, are
  // t · 2/π modulo 4 in quadrants; the top 64 bits of that, 2.62 fixed point, are high : low.
  const e = bitsOf(t) >> 23
  const m = (bitsOf(t) & 0x007fffff) | 0x00800000
  const w1 = window(e - 88)
  const carried = (Math.imul(m, w1) >>> 0) + highProduct(m, window(e - 56))
  const low = carried | 0
  const high =
    (Math.imul(m, window(e - 120)) + highProduct(m, w1) + (carried > 0xffffffff ? 1 : 0)) | 0

  const quadrant = turn + ((high + 0x20000000) >>> 30)
  const exact = angle((high << 2) | (low >>> 30), low << 2)
  const r = Math.fround(exact)
  const y = (quadrant & 1) === 0 ? sinReduced(r, exact - r) : cosReduced(r)
  return (quadrant & 2) === 0 ? y : -y
}

/** Bits i … i + 31 of TWO_OVER_PI, counted from its first word of zeros. */
function window(i: number): number {
  const word = i >> 5
  const offset = i & 31
  if (offset === 0) return TWO_OVER_PI[word]
  return (TWO_OVER_PI[word] << offset) | (TWO_OVER_PI[word + 1] >>> (32 - offset))
}

/** π/2 times the signed 0.64 fixed-point number high : low, to 32 significant bits. */
function angle(high: number, low: number): number {
  const negative = high < 0
  const h = negative ? ~high + (low === 0 ? 1 : 0) : high
  const l = negative ? -low : low
  const zeros = Math.clz32(h) // below 32: no finite f32 comes closer to a multiple of π/2
  const top = (h << zeros) | (l >>> (32 - zeros)) // zeros = 0 only where l = 0
  const product = highProduct(top >>> 0, HALF_PI_FIXED) * powerOfTwo(-31 - zeros)
  return negative ? -product : product
}

/** sin(r + rest), |rest| at most half a unit in the last place of r. */
function sinReduced(r: number, rest: number): number {
  const z = Math.fround(r * r)
  const p = fma(fma(fma(S3, z, S2), z, S1), z, S0)
  return Math.fround(fma(Math.fround(r * z), p, rest) + r)
}

function cosReduced(r: number): number {
  const z = Math.fround(r * r)
  return fma(fma(fma(fma(C3, z, C2), z, C1), z, C0), z, 1)
}
