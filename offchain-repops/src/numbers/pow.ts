import { fma } from './fma.ts'
import { bitsOf, fromBits, SIGN } from './bits.ts'
import { EXP_OVERFLOW, EXP_UNDERFLOW, expReduced, LN2, LN2_REST, LOG2_E, ROUNDER } from './exp.ts'
import { exponentOf, significandOf } from './split.ts'

const TWELFTH = fromBits(0x3daaaaab)
const P0 = fromBits(0xb1816c4b)
const P1 = fromBits(0x3c4ccd3e)
const P2 = fromBits(0x3b121c30)
const P3 = fromBits(0x39f1858f)

/**
 * a^b with the special cases of C99 (annex F.10.4.4). At most 1 ULP from the correctly rounded
 * value on the published vectors and on 10^9 further pairs; too many to show for all.
 */
export function pow(a: number, b: number): number {
  if (b === 0 || a === 1) return 1
  if (a !== a || b !== b) return NaN
  const t = Math.abs(a)
  const negative = (bitsOf(a) & SIGN) !== 0
  if (t === 0 || t === Infinity) {
    const size = (t === 0) === b < 0 ? Infinity : 0
    return negative && isOdd(b) ? -size : size
  }
  if (b === Infinity || b === -Infinity) {
    if (t === 1) return 1
    return t < 1 === b < 0 ? Infinity : 0
  }
  if (negative) {
    if (Math.floor(b) !== b) return NaN
    return isOdd(b) ? -powPositive(t, b) : powPositive(t, b)
  }
  return powPositive(t, b)
}

/** False for infinities and for what is no integer. */
function isOdd(b: number): boolean {
  return b % 2 === 1 || b % 2 === -1
}

/** 0 < a < ∞, b finite and not 0. Pairs of names v, vRest are unevaluated sums. */
function powPositive(a: number, b: number): number {
  const m = significandOf(a)
  const e = exponentOf(a)
  // u + uRest = 2 (m − 1) / (m + 1)
  const d = 2 * (m - 1)
  const g = Math.fround(m + 1)
  const gRest = m - (g - 1)
  const u = Math.fround(d / g)
  const uRest = Math.fround(fma(-u, gRest, fma(-u, g, d)) / g)
  // h + hRest = ln m = (u + uRest) · (1 + v + vRest), v = z/12 + …, z = u²
  const z = Math.fround(u * u)
  const zRest = fma(u, uRest + uRest, fma(u, u, -z))
  const p = fma(fma(fma(P3, z, P2), z, P1), z, P0)
  const v = Math.fround(z * TWELFTH)
  const vRest = fma(z, p, fma(zRest, TWELFTH, fma(z, TWELFTH, -v)))
  const h = fma(u, v, u)
  const hRest = Math.fround(fma(uRest, v, fma(u, vRest, fma(u, v, Math.fround(u - h)))) + uRest)
  // l + lRest = ln a
  const l = fma(e, LN2, h)
  const lRest = fma(e, LN2_REST, Math.fround(Math.fround(h - fma(e, -LN2, l)) + hRest))
  // y + yRest = b · ln a, then exp
  const y = Math.fround(b * l)
  if (y >= EXP_OVERFLOW) return Infinity
  if (y <= EXP_UNDERFLOW) return 0
  const yRest = fma(b, lRest, fma(b, l, -y))
  const n = Math.fround(fma(y, LOG2_E, ROUNDER) - ROUNDER)
  return expReduced(Math.fround(fma(n, -LN2, y) + fma(n, -LN2_REST, yRest)), n)
}
