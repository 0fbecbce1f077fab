import { describe, expect, it } from 'vitest'
import { decimalOf } from './decimal.ts'

const view = new DataView(new ArrayBuffer(4))
const floatOf = (word: number): number => {
  view.setUint32(0, word)
  return view.getFloat32(0)
}
const wordOf = (float: number): number => {
  view.setFloat32(0, float)
  return view.getUint32(0)
}
const hex = (word: number): string => `0x${(word >>> 0).toString(16).padStart(8, '0')}`
const decimal = (word: number): string => decimalOf(hex(word), false)

/** Digits of a number in decimal, without those that only place the point. */
const digits = (text: string): string =>
  text
    .replace(/e.*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '')

describe('a number of 32 bits in decimal', () => {
  it.each([
    [0x00000000, '0'],
    [0x80000000, '-0'],
    [0x00000001, '1e-45'],
    [0x80000001, '-1e-45'],
    [0x007fffff, '1.1754942e-38'],
    [0x00800000, '1.1754944e-38'],
    [0x3f800000, '1'],
    [0x3dcccccd, '0.1'],
    [0x40490fdb, '3.1415927'],
    [0x7f7fffff, '3.4028235e+38'],
    [0x7f800000, 'Infinity'],
    [0xff800000, '-Infinity'],
    [0x7fc00000, 'NaN'],
    [0xffc00001, 'NaN'],
    [0x7f800001, 'NaN'],
    [0x4b800000, '16777216'],
    [0x35800000, '9.536743e-7'],
  ])('of %i is %s', (word, expected) => {
    expect(decimal(word)).toBe(expected)
  })

  it('comes back as the same bits, in the fewest digits that do', () => {
    let seed = 1
    const words = Array.from({ length: 3_000 }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed
    })
    // Around every power of two, where the neighbours are not equally far.
    for (let exponent = 0; exponent < 255; exponent++) {
      words.push(exponent << 23, (exponent << 23) + 1, Math.max(0, (exponent << 23) - 1))
    }
    for (const word of words) {
      const float = floatOf(word)
      if (!Number.isFinite(float)) continue
      const text = decimal(word)
      expect(wordOf(Number(text)), hex(word)).toBe(word >>> 0)
      const length = digits(text).length
      if (length <= 1) continue
      // Of one digit less, the two numbers around it.
      const [mantissa, exponent] = float
        .toExponential(length + 20 > 100 ? 100 : length + 20)
        .split('e')
      const [whole, places] = mantissa.replace('-', '').split('.')
      const cut = BigInt(whole + places.slice(0, length - 2))
      const scale = Number(exponent) - (length - 2)
      for (const near of [cut, cut + 1n]) {
        const shorter = Number(`${float < 0 ? '-' : ''}${near}e${scale}`)
        expect(wordOf(shorter), `${hex(word)} ${text} ${shorter}`).not.toBe(word >>> 0)
      }
    }
  })

  it('of a whole number has its sign', () => {
    expect(decimalOf('0xffffffff', true)).toBe('-1')
    expect(decimalOf('0x7fffffff', true)).toBe('2147483647')
    expect(decimalOf('0x80000000', true)).toBe('-2147483648')
  })
})
