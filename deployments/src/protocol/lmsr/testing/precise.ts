// e^x and ln x to more than 80 digits, from integers only: what the contract's arithmetic is measured with. Held to
// values of another program by precise.test.ts.

/** Bits after the point. */
const BITS = 320n
/** 1. */
export const ONE = 1n << BITS

const LN_2 = 2n * artanh(3n)

/** artanh(1/d). */
function artanh(d: bigint): bigint {
  let power = ONE / d
  let total = 0n
  for (let k = 1n; power > 0n; k += 2n) {
    total += power / k
    power /= d * d
  }
  return total
}

/** e^x; below 2^-320 zero. */
export function exp(x: bigint): bigint {
  const k = (2n * x + LN_2) / (2n * LN_2)
  const r = (x - k * LN_2) >> 16n // |r| < 2^-16, or a little more where x is below zero
  let term = ONE
  let total = ONE
  for (let i = 1n; term !== 0n && term !== -1n; ++i) {
    term = ((term * r) >> BITS) / i
    total += term
  }
  for (let i = 0; i < 16; ++i) total = (total * total) >> BITS
  return k >= 0n ? total << k : total >> -k
}

/** ln x, x > 0. */
export function ln(x: bigint): bigint {
  if (x <= 0n) throw new RangeError(`ln: ${x} has no logarithm`)
  const k = BigInt(x.toString(2).length) - 1n - BITS
  const mantissa = k >= 0n ? x >> k : x << -k // in [1, 2)
  // Halley's iteration on e^y = x: each round has three times the digits of the one before.
  let y =
    BigInt(Math.round(Math.log(Number(mantissa >> (BITS - 64n)) / 2 ** 64) * 2 ** 53)) <<
    (BITS - 53n)
  for (let i = 0; i < 2; ++i) {
    const e = exp(y)
    y += (2n * (mantissa - e) * ONE) / (mantissa + e)
  }
  return y + k * LN_2
}

/** x / y, with the point where this file has it. */
export const ratio = (x: bigint, y: bigint): bigint => (x << BITS) / y
