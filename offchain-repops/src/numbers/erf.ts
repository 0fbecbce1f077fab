import { fma } from './fma.ts'
import { copySign, fromBits } from './bits.ts'
import { exp } from './exp.ts'

const BRANCH = fromBits(0x3f6d9168) // 0.928

const S0 = fromBits(0x3e0375d4)
const S1 = fromBits(0xbec093a0)
const S2 = fromBits(0x3de716b2)
const S3 = fromBits(0xbcdc008d)
const S4 = fromBits(0x3baa250a)
const S5 = fromBits(0xba5302c6)
const S6 = fromBits(0x38a79e47)

const L0 = fromBits(0xb9596a9b)
const L1 = fromBits(0xbf905619)
const L2 = fromBits(0xbf2323ae)
const L3 = fromBits(0xbdd4b4e7)
const L4 = fromBits(0x3cb5cda0)
const L5 = fromBits(0xbb46e135)
const L6 = fromBits(0x394c8ad0)

/** Error function. At most 1 ULP from the correctly rounded value, over all 2^32 inputs. */
export function erf(x: number): number {
  if (x !== x) return x
  const t = Math.abs(x)
  if (t < BRANCH) {
    const z = Math.fround(t * t)
    const p = fma(fma(fma(fma(fma(fma(S6, z, S5), z, S4), z, S3), z, S2), z, S1), z, S0)
    return copySign(fma(t, p, t), x)
  }
  if (t >= 4) return copySign(1, x)
  const p = fma(fma(fma(fma(fma(fma(L6, t, L5), t, L4), t, L3), t, L2), t, L1), t, L0)
  return copySign(Math.fround(1 - exp(p)), x) // p approximates ln(1 − erf t)
}
