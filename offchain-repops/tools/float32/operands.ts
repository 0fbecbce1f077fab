/**
 * Operands for testing binary32 operators, weighted towards the corners: cancellations, ties, the
 * subnormal and the overflow boundary, special values. The same function of the index as operands()
 * in test/repops/vectors/float32.c, where it is explained, and as Float32Operands.sol.
 * All words are unsigned.
 */
export interface Operands {
  /** Factors and addend. */
  readonly a: number
  readonly b: number
  readonly c: number
  /** The product of a and b cut to 24 bits, or thereabouts. */
  readonly p: number
  /** Something around the integers. */
  readonly x: number
  /** An integer of any width. */
  readonly i: number
}

const SIGN = 0x80000000
const FRACTION = 0x007fffff

const SPECIAL = [
  0x00000000, 0x00000001, 0x00000002, 0x007fffff, 0x00800000, 0x00800001, 0x33800000, 0x3f000000,
  0x3f7fffff, 0x3f800000, 0x3f800001, 0x4b000000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fa00001,
] // prettier-ignore

/** The finalizer of MurmurHash3: a permutation of the 32-bit words. */
export function mix(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function cut(e: number): number {
  return Math.min(254, Math.max(0, e))
}

export function withExponent(word: number, e: number): number {
  return ((word & 0x807fffff) | (cut(e) << 23)) >>> 0
}

function sparse(word: number, s: number): number {
  const low = (1 << ((s >>> 2) & 31) % 24) - 1
  switch (s & 3) {
    case 0:
      return word
    case 1:
      return (word & ~low) >>> 0
    case 2:
      return (word | low) >>> 0
    default:
      return ((word & 0xff800000) | ((low + 1) & FRACTION)) >>> 0
  }
}

function exponents(kind: number, w3: number, w4: number, w5: number): [number, number, number] {
  if (kind < 4) return [115 + (w3 % 25), 115 + (w4 % 25), 115 + (w5 % 25)]
  if (kind < 8) {
    const ea = w3 % 255
    const eb = cut((w4 % 255) + 127 - ea)
    return [ea, eb, ea + eb - 127 + (w5 % 61) - 30]
  }
  if (kind < 10) {
    const sum = 80 + (w4 % 70)
    const ea = w3 % (sum + 1)
    return [ea, sum - ea, w5 % 28]
  }
  if (kind === 10) {
    const ea = 127 + (w3 % 128)
    return [ea, 384 - (w4 % 7) - ea, 254 - (w5 % 30)]
  }
  if (kind === 11) return [0, 127 + (w4 % 128), w5 % 140]
  return [w3 % 255, w4 % 255, w5 % 255]
}

export function special(word: number): number {
  return (SPECIAL[word & 15] | (word & SIGN)) >>> 0
}

/** Operands of vector `index`. */
export function operands(index: number): Operands {
  const w = Array.from({ length: 8 }, (_, j) => mix(8 * index + j))
  const kind = w[7] & 15
  const aux = w[7] >>> 4
  let [a, b, c] = w
  if (kind >= 2) {
    const [ea, eb, ec] = exponents(kind, w[3], w[4], w[5])
    a = withExponent(a, ea)
    b = withExponent(b, eb)
    c = withExponent(c, ec)
    if (kind % 2 === 1) {
      a = sparse(a, aux)
      b = sparse(b, aux >>> 7)
      c = sparse(c, aux >>> 14)
    }
    if (kind >= 14) {
      if ((aux >>> 21) % 2 === 1) a = special(w[3])
      if ((aux >>> 22) % 2 === 1) b = special(w[4])
      if ((aux >>> 23) % 2 === 1) c = special(w[5])
    }
  }
  const product = BigInt((a & FRACTION) | 0x800000) * BigInt((b & FRACTION) | 0x800000)
  const carry = product >> 47n
  const exponent = ((a >>> 23) & 255) + ((b >>> 23) & 255) - 127 + Number(carry)
  const fraction = Number(product >> (23n + carry)) & FRACTION
  const top = (((a ^ b) & SIGN) | ((exponent & 255) << 23) | fraction) >>> 0
  const p = (top + (aux % 7) - 3) >>> 0
  if (kind === 4 || kind === 5) c = (p ^ SIGN) >>> 0
  const x = withExponent(sparse(w[6], aux >>> 5), 120 + (w[5] % 44))
  const integer = (w[6] ^ w[0]) >>> (w[1] & 31)
  return { a, b, c, p, x, i: aux % 2 === 1 ? -integer >>> 0 : integer }
}
