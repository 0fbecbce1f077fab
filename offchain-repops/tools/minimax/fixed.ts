/**
 * Elementary functions in fixed point on BigInt, 288 fraction bits: the targets that the minimax
 * fits aim at. Slow, plain series; nothing here depends on a platform's mathematics library.
 */

export const FRACTION_BITS = 288n
export const ONE = 1n << FRACTION_BITS

/** The fixed-point value of a float64, exactly (all float64 used here are above 2^-288 apart). */
export function fromNumber(x: number): bigint {
  let scaled = x
  let shift = 0n
  while (scaled !== Math.floor(scaled)) {
    scaled *= 2
    shift += 1n
  }
  return (BigInt(scaled) << FRACTION_BITS) >> shift
}

/** Nearest float64, to a few units in the last place. */
export function toNumber(x: bigint): number {
  const drop = BigInt(Math.max(0, (x < 0n ? -x : x).toString(2).length - 64))
  return (Number(x >> drop) / 2 ** 100) * 2 ** (Number(drop) - Number(FRACTION_BITS) + 100)
}

export const mul = (a: bigint, b: bigint): bigint => (a * b) >> FRACTION_BITS
export const div = (a: bigint, b: bigint): bigint => (a << FRACTION_BITS) / b

/** Σ term(k) for k = 0, 1, …, until a term vanishes. `next` makes term k from term k − 1. */
function series(first: bigint, next: (term: bigint, k: bigint) => bigint): bigint {
  let sum = 0n
  let term = first
  for (let k = 1n; term !== 0n && term !== -1n; k += 1n) {
    sum += term
    term = next(term, k)
  }
  return sum
}

export const exp = (x: bigint): bigint => series(ONE, (t, k) => mul(t, x) / k)

export function sin(x: bigint): bigint {
  const z = mul(x, x)
  return series(x, (t, k) => -mul(t, z) / (2n * k * (2n * k + 1n)))
}

export function cos(x: bigint): bigint {
  const z = mul(x, x)
  return series(ONE, (t, k) => -mul(t, z) / (2n * k * (2n * k - 1n)))
}

/** Σ s^(2k+1) / (2k+1), |s| < 1. */
export function atanh(s: bigint): bigint {
  const z = mul(s, s)
  let sum = 0n
  let power = s
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k
    power = mul(power, z)
  }
  return sum
}

export const LN2 = 2n * atanh(ONE / 3n)

/** Natural logarithm of x > 0: by 2·atanh((m−1)/(m+1)) on m in [1, 2). */
export function log(x: bigint): bigint {
  let m = x
  let e = 0n
  while (m >= 2n * ONE) {
    m >>= 1n
    e += 1n
  }
  while (m < ONE) {
    m <<= 1n
    e -= 1n
  }
  return e * LN2 + 2n * atanh(div(m - ONE, m + ONE))
}

export function tanh(x: bigint): bigint {
  const e = exp(2n * x)
  return div(e - ONE, e + ONE)
}

/** π by Machin's formula, 16·atan(1/5) − 4·atan(1/239). */
export const PI = 16n * atanInverse(5n) - 4n * atanInverse(239n)

function atanInverse(n: bigint): bigint {
  let sum = 0n
  let power = ONE / n
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k
    power = -power / (n * n)
  }
  return sum
}

/** √x by Newton's integer iteration. */
export function sqrt(x: bigint): bigint {
  const target = x << FRACTION_BITS
  let root = ONE * 2n + x
  for (;;) {
    const better = (root + target / root) >> 1n
    if (better >= root) return root
    root = better
  }
}

/** erf x = 2/√π · Σ (−1)^k x^(2k+1) / (k! (2k+1)). */
export function erf(x: bigint): bigint {
  const z = mul(x, x)
  let sum = 0n
  let power = x
  for (let k = 0n; power !== 0n && power !== -1n; k += 1n) {
    sum += power / (2n * k + 1n)
    power = -mul(power, z) / (k + 1n)
  }
  return div(2n * sum, sqrt(PI))
}
