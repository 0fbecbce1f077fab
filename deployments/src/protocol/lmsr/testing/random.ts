/** A stream of numbers that its seed decides (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
 * 2014: SplitMix, in its 32-bit form). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** 32 bits. */
  word(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }

  /** A whole number from 0 to count − 1. */
  below(count: number): number {
    return Math.floor((this.word() / 2 ** 32) * count)
  }

  /** Between 1 and `most`, every order of magnitude as likely as another; `most` itself now and then. */
  magnitude(most: bigint): bigint {
    if (this.below(16) === 0) return most
    const bits = this.below(most.toString(2).length) + 1
    const value = this.bits(bits) | (1n << BigInt(bits - 1))
    return value < most ? value : most
  }

  /** Between 0 and `most`, all alike. */
  upTo(most: bigint): bigint {
    return this.bits(most.toString(2).length + 32) % (most + 1n)
  }

  /** A number of so many bits. */
  bits(count: number): bigint {
    let value = 0n
    for (let have = 0; have < count; have += 32) value = (value << 32n) | BigInt(this.word())
    return value & ((1n << BigInt(count)) - 1n)
  }
}
