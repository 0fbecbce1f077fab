/**
 * Binary32 bit patterns. An f32 is held in a JavaScript number (every f32 is a float64); a bit
 * pattern is a signed 32-bit integer, which is what Int32Array and the engine like best.
 */
const float = new Float32Array(1)
const word = new Int32Array(float.buffer)

/** The one NaN that arithmetic writes. */
export const NAN_BITS = 0x7fc00000
export const SIGN = 0x80000000 | 0

/** Bits of x. Any NaN gives NAN_BITS: engines leave the bits of a stored NaN open. */
export function bitsOf(x: number): number {
  if (x !== x) return NAN_BITS
  float[0] = x
  return word[0]
}

/** The f32 with these bits; signed or unsigned, only the low 32 count. */
export function fromBits(bits: number): number {
  word[0] = bits
  return float[0]
}

/** |magnitude| with the sign of x; neither is a NaN. */
export function copySign(magnitude: number, x: number): number {
  return fromBits((bitsOf(magnitude) & ~SIGN) | (bitsOf(x) & SIGN))
}
