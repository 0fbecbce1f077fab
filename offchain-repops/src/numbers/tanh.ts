import { fma } from './fma.ts'
import { copySign, fromBits } from './bits.ts'
import { exp } from './exp.ts'

const BRANCH = fromBits(0x3f19999a) // 0.6
const C0 = fromBits(0xbeaaaa9f)
const C1 = fromBits(0x3e0884df)
const C2 = fromBits(0xbd5c4d59)
const C3 = fromBits(0x3caa61a6)
const C4 = fromBits(0xbbc14213)

/** Hyperbolic tangent. At most 1 ULP from the correctly rounded value, over all 2^32 inputs. */
export function tanh(x: number): number {
  if (x !== x) return x
  const t = Math.abs(x)
  if (t < BRANCH) {
    const z = Math.fround(t * t)
    const p = fma(fma(fma(fma(C4, z, C3), z, C2), z, C1), z, C0)
    return copySign(fma(Math.fround(t * z), p, t), x)
  }
  return copySign(Math.fround(1 - Math.fround(2 / Math.fround(exp(Math.fround(t + t)) + 1))), x)
}
