/**
 * Binary32 operators on exact integers: nothing here rounds except `round`, and nothing uses the
 * machine's floating point. A check of the arithmetic that shares no idea with it.
 *
 * Finite numbers are integers in units of 2^−149, products in units of 2^−298.
 */
const SIGN = 0x80000000
const INFINITY = 0x7f800000
const NAN = 0x7fc00000

const magnitude = (x: number): number => x & 0x7fffffff
const isNaN = (x: number): boolean => magnitude(x) > INFINITY
const isInfinite = (x: number): boolean => magnitude(x) === INFINITY
const signOf = (x: number): number => (x & SIGN) >>> 0

/** A finite number in units of 2^−149. */
function integer(x: number): bigint {
  const e = (x >>> 23) & 255
  const m = BigInt((x & 0x7fffff) | (e === 0 ? 0 : 0x800000)) << BigInt(Math.max(e - 1, 0))
  return signOf(x) === 0 ? m : -m
}

/**
 * The binary32 nearest to value · 2^(−149 − fraction), ties to even; `inexact` says that the exact
 * value lies beyond it, by less than one. A zero has the sign `zero`.
 */
function round(value: bigint, fraction: number, zero: number, inexact = false): number {
  if (value === 0n && !inexact) return zero
  const sign = value < 0n ? SIGN : 0
  // Two bits below, the last of them sticky.
  const v = ((value < 0n ? -value : value) << 2n) | (inexact ? 1n : 0n)
  const unit = fraction + 2
  const length = v.toString(16).length * 4 - Math.clz32(parseInt(v.toString(16)[0], 16)) + 28
  const drop = BigInt(Math.max(length - 24, unit))
  const half = 1n << (drop - 1n)
  let m = v >> drop
  const rest = v - (m << drop)
  if (rest > half || (rest === half && m % 2n === 1n)) m += 1n
  // Adding the significand carries the hidden bit into the exponent.
  const bits = Number(m) + (Number(drop) - unit) * 0x800000
  return (sign | Math.min(bits, INFINITY)) >>> 0
}

export function fma(a: number, b: number, c: number): number {
  if (isNaN(a) || isNaN(b) || isNaN(c)) return NAN
  const sign = signOf(a ^ b)
  if (isInfinite(a) || isInfinite(b)) {
    if (magnitude(a) === 0 || magnitude(b) === 0) return NAN
    return isInfinite(c) && signOf(c) !== sign ? NAN : (sign | INFINITY) >>> 0
  }
  if (isInfinite(c)) return c
  const product = integer(a) * integer(b)
  const zero = product === 0n && magnitude(c) === 0 ? (sign & c) >>> 0 : 0
  return round(product + (integer(c) << 149n), 149, zero)
}

export function add(a: number, b: number): number {
  if (isNaN(a) || isNaN(b)) return NAN
  if (isInfinite(a)) return isInfinite(b) && a !== b ? NAN : a
  if (isInfinite(b)) return b
  return round(integer(a) + integer(b), 0, (a & b & SIGN) >>> 0)
}

export function sub(a: number, b: number): number {
  return add(a, (b ^ SIGN) >>> 0)
}

export function mul(a: number, b: number): number {
  return fma(a, b, signOf(a ^ b))
}

export function div(a: number, b: number): number {
  if (isNaN(a) || isNaN(b)) return NAN
  const sign = signOf(a ^ b)
  if (isInfinite(a)) return isInfinite(b) ? NAN : (sign | INFINITY) >>> 0
  if (isInfinite(b)) return sign
  if (magnitude(b) === 0) return magnitude(a) === 0 ? NAN : (sign | INFINITY) >>> 0
  if (magnitude(a) === 0) return sign
  const numerator = integer(a) << 449n
  const quotient = numerator / integer(b)
  return round(quotient, 300, sign, quotient * integer(b) !== numerator)
}

export function sqrt(a: number): number {
  if (magnitude(a) === 0 || a === INFINITY) return a
  if (isNaN(a) || signOf(a) !== 0) return NAN
  // √(x · 2^−149) = √(x · 2^151) · 2^−150, at least 76 bits before the point
  const n = integer(a) << 151n
  let root = 1n << 220n
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) break
    root = next
  }
  return round(root, 1, 0, root * root !== n)
}

export function scalb(a: number, n: number): number {
  if (isNaN(a)) return NAN
  if (isInfinite(a) || magnitude(a) === 0) return a
  const value = integer(a)
  const result = n < 0 ? round(value, -n, signOf(a)) : round(value << BigInt(n), 0, signOf(a))
  return magnitude(result) === 0 ? signOf(a) : result
}

export function neg(a: number): number {
  return isNaN(a) ? NAN : (a ^ SIGN) >>> 0
}

export function abs(a: number): number {
  return isNaN(a) ? NAN : magnitude(a)
}

export function min(a: number, b: number): number {
  if (isNaN(a) || isNaN(b)) return NAN
  if (magnitude(a) === 0 && magnitude(b) === 0) return (a | b) >>> 0
  return less(a, b) ? a : b
}

export function max(a: number, b: number): number {
  if (isNaN(a) || isNaN(b)) return NAN
  if (magnitude(a) === 0 && magnitude(b) === 0) return (a & b) >>> 0
  return less(a, b) ? b : a
}

/** a < b for numbers, an infinity being what lies beyond the largest of them. */
function less(a: number, b: number): boolean {
  return integer(a) < integer(b)
}

/** 1 for =, 2 for <, 4 for <=, added up. */
export function compare(a: number, b: number): number {
  if (isNaN(a) || isNaN(b)) return 0
  const [x, y] = [integer(a), integer(b)]
  return (x === y ? 1 : 0) + (x < y ? 2 : 0) + (x <= y ? 4 : 0)
}

const ONE = 1n << 149n

/** Toward −∞, as an integer. */
function floorInteger(x: bigint): bigint {
  return x >= 0n ? x / ONE : -((-x + ONE - 1n) / ONE)
}

export function floor(a: number): number {
  if (isNaN(a)) return NAN
  if (isInfinite(a)) return a
  return round(floorInteger(integer(a)) * ONE, 0, signOf(a))
}

export function roundEven(a: number): number {
  if (isNaN(a)) return NAN
  if (isInfinite(a)) return a
  const twice = 2n * integer(a)
  let n = floorInteger((twice + ONE) / 2n)
  if (twice + ONE === 2n * n * ONE && n % 2n !== 0n) n -= 1n // half-way: the even one
  return round(n * ONE, 0, signOf(a))
}

export function fromInt32(i: number): number {
  return round(BigInt(i | 0) * ONE, 0, 0)
}

export function toInt32(a: number): number {
  if (isNaN(a)) return 0
  const n = integer(a) / ONE // truncates
  const low = -(1n << 31n)
  const high = (1n << 31n) - 1n
  return Number(n < low ? low : n > high ? high : n) >>> 0
}
