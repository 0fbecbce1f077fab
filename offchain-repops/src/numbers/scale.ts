const float64 = new Float64Array(1)
const words = new Int32Array(float64.buffer)

/** 2^n for −1022 ≤ n ≤ 1023. */
export function powerOfTwo(n: number): number {
  words[0] = 0
  words[1] = (n + 1023) << 20
  return float64[0]
}

/** x · 2^n, rounded once to f32. */
export function scale(x: number, n: number): number {
  return Math.fround(x * powerOfTwo(n))
}
