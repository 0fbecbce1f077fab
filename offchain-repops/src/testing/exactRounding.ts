/** Rounding of exact rationals to binary32 on BigInt: an independent check of the arithmetic. */

/** sign · numerator/denominator · 2^exponent; denominator > 0. */
export interface Rational {
  readonly negative: boolean
  readonly numerator: bigint
  readonly denominator: bigint
}

/** The exact value of a finite f32. */
export function rational(bits: number): Rational {
  const exponent = (bits >>> 23) & 0xff
  const significand = BigInt((bits & 0x007fffff) | (exponent === 0 ? 0 : 0x00800000))
  const shift = BigInt(Math.max(exponent, 1) - 150)
  return {
    negative: bits < 0 || bits >= 0x80000000,
    numerator: shift > 0n ? significand << shift : significand,
    denominator: shift < 0n ? 1n << -shift : 1n,
  }
}

/** Bits of the f32 nearest to ±numerator/denominator, ties to even; the sign is kept for zero. */
export function roundRational({ negative, numerator, denominator }: Rational): number {
  const sign = negative ? 0x80000000 : 0
  // The unit in the last place is 2^ulp with 2^23 ≤ value / 2^ulp < 2^24, at least 2^−149.
  let ulp = bitLength(numerator) - bitLength(denominator) - 24
  if (scaled(numerator, denominator, ulp, 24) < 0) ulp -= 1
  while (scaled(numerator, denominator, ulp, 24) >= 0) ulp += 1
  ulp = Math.max(ulp, -149)
  const n = ulp < 0 ? numerator << BigInt(-ulp) : numerator
  const d = ulp > 0 ? denominator << BigInt(ulp) : denominator
  const twice = 2n * (n % d)
  let significand = n / d
  if (twice > d || (twice === d && significand % 2n === 1n)) significand += 1n
  if (significand === 1n << 24n) {
    significand >>= 1n
    ulp += 1
  }
  if (ulp > 104) return (sign | 0x7f800000) >>> 0
  const exponent = significand < 1n << 23n ? 0 : ulp + 150
  return (sign | (exponent << 23) | (Number(significand) & 0x007fffff)) >>> 0
}

/** Sign of numerator/denominator − 2^(ulp + bits). */
function scaled(numerator: bigint, denominator: bigint, ulp: number, bits: number): number {
  const power = ulp + bits
  const left = power < 0 ? numerator << BigInt(-power) : numerator
  const right = power > 0 ? denominator << BigInt(power) : denominator
  return left < right ? -1 : left > right ? 1 : 0
}

function bitLength(x: bigint): number {
  return x === 0n ? 0 : x.toString(2).length
}

/** The f32 nearest to √(value), by integer square root with a sticky bit. value is not negative. */
export function roundSqrt({ numerator, denominator }: Rational): number {
  // √(n/d) = √(n·d)/d, scaled by 2^80 so that the floor and one sticky bit decide every rounding.
  const target = (numerator * denominator) << 320n
  const floor = squareRoot(target)
  const sticky = floor * floor === target ? 0n : 1n
  return roundRational({
    negative: false,
    numerator: 2n * floor + sticky,
    denominator: denominator << 161n,
  })
}

function squareRoot(x: bigint): bigint {
  if (x === 0n) return 0n
  let root = 1n << BigInt(Math.ceil(bitLength(x) / 2))
  for (;;) {
    const better = (root + x / root) >> 1n
    if (better >= root) return root
    root = better
  }
}
