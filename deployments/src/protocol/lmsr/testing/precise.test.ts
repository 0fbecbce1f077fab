import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { exp, ln, ONE } from './precise.ts'

const DIGITS = 90
const vectors = JSON.parse(
  readFileSync(new URL('precise.json', import.meta.url), 'utf8'),
) as Record<'exp' | 'ln', [string, string][]>

/** A decimal number in units of 10^-DIGITS. */
function digits(text: string): bigint {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e')
  const [whole, fraction = ''] = mantissa.split('.')
  const places = DIGITS + Number(exponent) - fraction.length
  const value = BigInt(whole + fraction)
  return places >= 0 ? value * 10n ** BigInt(places) : value / 10n ** BigInt(-places)
}

const toBits = (text: string): bigint => (digits(text) * ONE) / 10n ** BigInt(DIGITS)

/** How many units of 10^-80 apart. */
const apart = (x: bigint, y: bigint): bigint => {
  const distance = ((x - y) * 10n ** 80n) / ONE
  return distance < 0n ? -distance : distance
}

test('e^x has 80 digits after the point, relative to the larger of 1 and the result', () => {
  expect(vectors.exp.length).toBeGreaterThan(20)
  for (const [x, expected] of vectors.exp) {
    const y = toBits(expected)
    const scale = y > ONE ? y / ONE : 1n
    expect(apart(exp(toBits(x)), y) / scale, `e^${x}`).toBe(0n)
  }
})

test('ln x has 80 digits after the point, less those that the argument has lost', () => {
  expect(vectors.ln.length).toBeGreaterThan(15)
  for (const [x, expected] of vectors.ln) {
    const argument = toBits(x)
    const scale = argument < ONE ? (4n * ONE) / argument : 1n // arguments are given to 90 digits
    expect(apart(ln(argument), toBits(expected)) / scale, `ln ${x}`).toBe(0n)
  }
})

test('ln of nothing is refused', () => {
  expect(() => ln(0n)).toThrow(RangeError)
})
