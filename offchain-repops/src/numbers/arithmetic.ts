/**
 * Correctly rounded f32 arithmetic. The float64 result of one operation on two f32, rounded to
 * f32, is the correctly rounded one (53 ≥ 2·24 + 2 bits: Figueroa 1995), so fround is enough;
 * fma, which has its own file, is the exception.
 */
export function add(a: number, b: number): number {
  return Math.fround(a + b)
}

export function sub(a: number, b: number): number {
  return Math.fround(a - b)
}

export function mul(a: number, b: number): number {
  return Math.fround(a * b)
}

export function div(a: number, b: number): number {
  return Math.fround(a / b)
}

export function sqrt(x: number): number {
  return Math.fround(Math.sqrt(x))
}

export function neg(x: number): number {
  return -x
}

export function abs(x: number): number {
  return Math.abs(x)
}

/** IEEE-754-2019 minimum: a NaN wins, −0 < +0. ECMAScript's Math.min is defined as exactly that. */
export function minimum(a: number, b: number): number {
  return Math.min(a, b)
}

/** IEEE-754-2019 maximum. */
export function maximum(a: number, b: number): number {
  return Math.max(a, b)
}

/** Toward −∞; −0 stays −0. */
export function floor(x: number): number {
  return Math.floor(x)
}

const TWO_23 = 8388608 // from here on every f32 is an integer

/** To the nearest integer, ties to even; keeps the sign of zero. */
export function roundEven(x: number): number {
  const t = Math.abs(x)
  if (!(t < TWO_23)) return x
  const rounded = Math.fround(t + TWO_23) - TWO_23
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}
