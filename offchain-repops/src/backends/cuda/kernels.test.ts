import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  compilePtx,
  hasTool,
  PTX_PATH,
  PTX_RECORD,
  recordOf,
  sourceHash,
} from '../../../tools/cuda/ptx.ts'
import { kernelImage, KERNELS } from './kernels.ts'

const text = readFileSync(PTX_PATH, 'utf8')
const lines = text.split('\n').map((line) => line.trim())

test('the committed text was made of the sources that are here', () => {
  expect(lines[1], 'run `npm run build:cuda -w offchain-repops`').toBe(`// ${sourceHash()}`)
  expect(readFileSync(PTX_RECORD, 'utf8')).toBe(recordOf(sourceHash()))
})

test('a text of other sources is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-ptx-'))
  try {
    const path = join(folder, 'kernels.ptx')
    const other = 'ab'.repeat(32)
    writeFileSync(path, text.replace(sourceHash(), other))
    expect(() => kernelImage(path)).toThrow('was compiled from other sources (abababab)')
    writeFileSync(path, text)
    expect(kernelImage(path)).toBe(text)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('nvcc, where there is one, makes the committed text of them', () => {
  if (hasTool('nvcc')) expect(compilePtx() === text).toBe(true)
  else expect(lines[2]).toBe('.version 6.3')
})

test('every float operation says that it rounds to nearest, and none flushes or approximates', () => {
  const operations = lines.flatMap((line) => /^(?:@!?%p\d+ )?((?:add|sub|mul|fma|mad|div|sqrt|rcp|ex2|lg2|sin|cos|tanh|rsqrt)\.\S*f(?:16|32|64)\S*)/.exec(line)?.[1] ?? []) // prettier-ignore
  expect(new Set(operations)).toEqual(
    new Set(['add.rn.f32', 'sub.rn.f32', 'mul.rn.f32', 'fma.rn.f32', 'div.rn.f32', 'sqrt.rn.f32']),
  )
  expect(operations.length).toBeGreaterThan(1000)
  const forbidden = /\.ftz|\.approx|\.f64|\.f16|\.sat\.f32|\bred\.|\batom\.\S*f32/
  expect(lines.filter((line) => forbidden.test(line))).toEqual([])
})

test('floats become integers and integers floats as the specification says', () => {
  const conversions = lines.flatMap(
    (line) => /^(?:@!?%p\d+ )?(cvt\.\S*f32\S*)/.exec(line)?.[1] ?? [],
  )
  expect(new Set(conversions)).toEqual(
    // floor, round to even, truncate (to 32 and 64 bits), from signed and unsigned
    new Set(['cvt.rmi.f32.f32', 'cvt.rni.f32.f32', 'cvt.rzi.s32.f32', 'cvt.rzi.s64.f32', 'cvt.rn.f32.s32', 'cvt.rn.f32.u32']),
  ) // prettier-ignore
})

test('every kernel takes as many words as the backend gives it', () => {
  const entries = [
    ...text.matchAll(/\.entry repops_(\w+)\(\s*\.param \.align 8 \.b8 \w+\[(\d+)\]/g),
  ]
  const found = entries.map(([, name, bytes]) => [name, Number(bytes) / 8])
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(KERNELS.map(({ name, words }) => [name, words])),
  )
})

test('the text is for compute capability 7.5 and drivers since CUDA 10', () => {
  expect(lines).toContain('.target sm_75')
  expect(lines).toContain('.version 6.3')
})
