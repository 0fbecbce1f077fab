import { fma } from './fma.ts'
import { fromBits } from './bits.ts'
import { scale } from './scale.ts'

export const LOG2_E = fromBits(0x3fb8aa3b)
export const LN2 = fromBits(0x3f317218)
export const LN2_REST = fromBits(0xb102e308) // ln 2 − LN2

/** 1.5 · 2^23: adding it to a small number rounds that to an integer. */
export const ROUNDER = fromBits(0x4b400000)

/** Beyond these e^x is +∞, and below half of the smallest subnormal. */
export const EXP_OVERFLOW = 89
export const EXP_UNDERFLOW = -104

const C2 = fromBits(0x3efffffe)
const C3 = fromBits(0x3e2aaa46)
const C4 = fromBits(0x3d2aac2c)
const C5 = fromBits(0x3c091ef0)
const C6 = fromBits(0x3ab563a7)

/** e^x. At most 1 ULP from the correctly rounded value, over all 2^32 inputs. */
export function exp(x: number): number {
  if (x >= EXP_OVERFLOW) return Infinity
  if (x <= EXP_UNDERFLOW) return 0
  const n = Math.fround(fma(x, LOG2_E, ROUNDER) - ROUNDER) // nearest integer to x / ln 2
  return expReduced(fma(n, -LN2_REST, fma(n, -LN2, x)), n)
}

/** 2^n · e^r for |r| < 0.35 and an integer n; rounds once more only where the result is subnormal. */
export function expReduced(r: number, n: number): number {
  const p = fma(fma(fma(fma(C6, r, C5), r, C4), r, C3), r, C2)
  return scale(fma(fma(p, r, 1), r, 1), n)
}
