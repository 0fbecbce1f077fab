import { Random } from '../../src/testing/Random.ts'

/** f32 patterns at which arithmetic changes its mind. */
export const F32_CORNERS = [
  0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000,
  0x3f800000, 0xbf800000, 0x3f7fffff, 0x3f800001, 0x40000000, 0xc0400000, 0x3f000000, 0xbf000000,
  0x4b000000, 0x4b7fffff, 0xcb800001, 0x34000000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
  0x7fc00000, 0xffc00001, 0x7f800001,
] // prettier-ignore

/** Fewer, for operators of three operands. */
export const F32_FEW = [
  0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x00800000, 0x3f800000, 0xbf800001, 0x4b7fffff,
  0x33800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800001,
] // prettier-ignore

export const I32_CORNERS = [
  0, 1, 2, 3, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffffe, 0x00010000,
  0xaaaaaaaa,
] // prettier-ignore

/** Every choice of `arity` members of `list`. */
export function cube(list: readonly number[], arity: number): number[][] {
  if (arity === 0) return [[]]
  return cube(list, arity - 1).flatMap((rest) => list.map((item) => [...rest, item]))
}

/** Both signs of every exponent, with the least, the largest and `random` other significands. */
export function everyExponent(random: Random, others: number): number[][] {
  const rows: number[][] = []
  for (let top = 0; top < 512; top++) {
    const significands = [0, 0x007fffff]
    for (let i = 0; i < others; i++) significands.push(random.below(1 << 23))
    for (const significand of significands) rows.push([((top << 23) | significand) >>> 0])
  }
  return rows
}

/** The patterns within `reach` of each given one. */
export function around(patterns: readonly number[], reach: number): number[][] {
  const rows: number[][] = []
  for (const pattern of patterns) {
    for (let i = -reach; i <= reach; i++) rows.push([(pattern + i) >>> 0])
  }
  return rows
}
