import { expect, test } from 'vitest'
import { adapterTest } from './adapterTest.ts'
import { Gpu } from './Gpu.ts'
import { testDevice } from './testDevice.ts'
import { HARDWARE, INTEGER_ARITHMETIC, type Hardware, type Operation } from './wgsl/arithmetic.ts'
import { EXACT_HARDWARE, hardwareOf } from './wgsl/exactHardware.ts'

const device = testDevice()

/** Operations of which the test found a wrong case. */
async function wrongOn(hardware: Hardware, operations: readonly Operation[]): Promise<Operation[]> {
  const trials = await adapterTest(new Gpu(device()), hardware, operations)
  for (const { wrong, example } of trials) expect(example === undefined).toBe(wrong === 0)
  return trials.filter(({ wrong }) => wrong > 0).map(({ operation }) => operation)
}

const ALL = ['add', 'mul', 'fma', 'div', 'sqrt'] as const

/** The integer arithmetic with one thing changed, as the floats of a device. */
function changed(from: string, to: string): Hardware {
  expect(INTEGER_ARITHMETIC).toContain(from)
  return hardwareOf(INTEGER_ARITHMETIC.replace(from, to))
}

test('exact floats are trusted', async () => {
  expect(await wrongOn(EXACT_HARDWARE, ALL)).toEqual([])
})

test('floats that flush subnormal operands are not', async () => {
  const flushing = changed(
    'return (a & 0x007fffffu) | (u32((a & 0x7f800000u) != 0u) << 23u);',
    'return ((a & 0x007fffffu) | 0x00800000u) * u32((a & 0x7f800000u) != 0u);',
  )
  expect(await wrongOn(flushing, ALL)).toEqual([...ALL])
})

test('floats that flush subnormal results are not', async () => {
  const flushing = changed(
    'select(finite, 0x7f800000u, e >= 255)',
    'select(select(finite, 0u, e < 1), 0x7f800000u, e >= 255)',
  )
  expect(await wrongOn(flushing, ['add', 'mul', 'fma', 'div'])).toEqual(['add', 'mul', 'fma', 'div']) // prettier-ignore
})

test('floats that round toward zero, or ties away from it, are not', async () => {
  const half = '0x3fu + ((x >> 7u) & 1u)'
  expect(await wrongOn(changed(half, '0u'), ALL)).toEqual([...ALL])
  // No quotient and no root lies half-way between two normal numbers; a quotient may between two subnormal ones.
  const away = changed(half, '0x40u')
  expect(await wrongOn(away, ['add', 'mul', 'fma', 'div'])).toEqual(['add', 'mul', 'fma', 'div'])
})

test('an fma of two roundings is not', async () => {
  const twice = EXACT_HARDWARE.fma.replace(
    /other_f_fma\((bitcast<u32>\(a\)), (bitcast<u32>\(b\)), (bitcast<u32>\(c\))\)/,
    'other_f_add(other_f_mul($1, $2), $3)',
  )
  expect(twice).not.toBe(EXACT_HARDWARE.fma)
  expect(await wrongOn({ ...EXACT_HARDWARE, fma: twice }, ['fma'])).toEqual(['fma'])
})

test('a quotient by the reciprocal and a root by its inverse are not', async () => {
  const quick = {
    ...HARDWARE,
    div: 'fn h_div(a: f32, b: f32) -> f32 { return a * (1.0 / b); }',
    sqrt: 'fn h_sqrt(a: f32) -> f32 { return a * inverseSqrt(a); }',
  }
  expect(await wrongOn(quick, ['div', 'sqrt'])).toEqual(['div', 'sqrt'])
})
