import { expWad, lnWad, WAD } from '../wad.ts'
import { exp, ln, ONE } from './precise.ts'
import { Random } from './random.ts'

const RANGE = 130n * WAD + 41n * WAD

/**
 * Errors of expWad and lnWad over all that the curve asks of them, in 1e-18: of the exponential relative to its
 * value, its last digit aside, which it rounds down; of the logarithm as it is. Half of the arguments lie evenly,
 * half at random. Both are one fixed quotient of polynomials, of the argument reduced to one octave.
 */
export function primitiveErrors(count: number, seed: number) {
  const random = new Random(seed)
  const errors = { expLeast: Infinity, expMost: -Infinity, lnLeast: Infinity, lnMost: -Infinity }
  for (let i = 0; i < count; ++i) {
    const even = (RANGE * BigInt(i)) / BigInt(count)
    const x = (i % 2 === 0 ? even : random.upTo(RANGE)) - 41n * WAD
    const exact = exp((x * ONE) / WAD)
    const error = (expWad(x) * ONE) / WAD - exact
    errors.expMost = Math.max(errors.expMost, toUnits((error * ONE) / exact))
    errors.expLeast = Math.min(errors.expLeast, toUnits(((error + ONE / WAD) * ONE) / exact))

    const octave = 1n << BigInt(1 + random.below(185))
    const y =
      octave + (i % 2 === 0 ? (octave * BigInt(i)) / BigInt(count) : random.upTo(octave - 1n))
    const difference = toUnits((lnWad(y) * ONE) / WAD - ln((y * ONE) / WAD))
    errors.lnMost = Math.max(errors.lnMost, difference)
    errors.lnLeast = Math.min(errors.lnLeast, difference)
  }
  return errors
}

const toUnits = (x: bigint): number => Number((x * WAD * 2n ** 40n) / ONE) / 2 ** 40
