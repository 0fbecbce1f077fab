/** A small deterministic generator for tests (xorshift32 over a mixed seed); no part of RepOps. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 13)) | 1
    for (let i = 0; i < 8; i++) this.u32()
  }

  /** 32 random bits as an unsigned number. */
  u32(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return Math.imul(x, 0x9e3779b1) >>> 0
  }

  /** A whole number from 0 to limit − 1. */
  below(limit: number): number {
    return Math.floor(((this.u32() * 2 ** 21 + (this.u32() >>> 11)) / 2 ** 53) * limit)
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(probability: number): boolean {
    return this.below(2 ** 20) < probability * 2 ** 20
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from')
    return list[this.below(list.length)]
  }

  /** Bits of a tensor element: ordinary values mostly, corner cases often. */
  word(type: 'f32' | 'i32'): number {
    if (this.chance(0.15)) return this.pick(CORNERS)
    if (type === 'i32') return this.chance(0.5) ? this.u32() : (this.below(33) - 16) >>> 0
    if (this.chance(0.1)) return this.u32()
    const exponent = this.between(127 - 6, 127 + 4)
    return ((this.u32() & 0x807fffff) | (exponent << 23)) >>> 0
  }
}

const CORNERS = [
  0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x7f800000,
  0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0x3f800000, 0xbf800000, 0x3f000000, 0xffffffff,
  0x7fffffff, 0x4f000000, 0xcf000000, 0x4b000001, 0x3effffff,
]
