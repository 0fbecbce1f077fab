/** Parameters and tables of kernels are words of eight bytes; a pair of 32-bit ones is one, the first lowest. */
export type Parameter = number | bigint

export const pair = (low: number, high: number): bigint =>
  BigInt.asUintN(32, BigInt(low)) | (BigInt.asUintN(32, BigInt(high)) << 32n)

/**
 * `struct Divider` of cuda/kernels/platform.cuh: ⌊n / divisor⌋ = (n · magic) >> shift for n < 2^31. With s = ⌈log2 divisor⌉ and
 * magic = ⌊2^(31+s) / divisor⌋ + 1 the error n · magic / 2^(31+s) − n / divisor is below 2^−s ≤ 1 / divisor.
 */
export function divider(divisor: number): bigint[] {
  if (divisor >= 2 ** 31) return [BigInt(divisor), 0n]
  const shift = 31 + Math.ceil(Math.log2(divisor))
  const magic = 2n ** BigInt(shift) / BigInt(divisor) + 1n
  return [BigInt(divisor), magic | (BigInt(shift) << 32n)]
}

export const parameters = (...words: readonly (Parameter | readonly Parameter[])[]): bigint[] =>
  words.flat().map(BigInt)
