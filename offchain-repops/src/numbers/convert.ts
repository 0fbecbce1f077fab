/** f32 → i32: truncates, saturates; NaN gives 0. */
export function toInteger(x: number): number {
  if (x >= 2147483648) return 2147483647
  if (x <= -2147483648) return -2147483648
  return x | 0
}

/** i32 → f32, to nearest even. */
export function fromInteger(i: number): number {
  return Math.fround(i)
}
