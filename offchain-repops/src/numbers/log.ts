import { fma } from './fma.ts'
import { fromBits } from './bits.ts'
import { LN2 } from './exp.ts'
import { exponentOf, significandOf } from './split.ts'

const C0 = fromBits(0x3f2aaabd)
const C1 = fromBits(0x3eccaf69)
const C2 = fromBits(0x3e98f09b)

/** Natural logarithm. At most 1 ULP from the correctly rounded value, over all 2^32 inputs. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  const f = significandOf(x) - 1 // exact
  // ln(1 + f) = f − s·(f − z·p) with s = f / (2 + f), z = s²
  const s = Math.fround(f / Math.fround(2 + f))
  const z = Math.fround(s * s)
  const p = fma(fma(C2, z, C1), z, C0)
  return fma(exponentOf(x), LN2, fma(-s, fma(-z, p, f), f))
}
