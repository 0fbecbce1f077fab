import { expect, test } from 'vitest'
import { lockstep } from '../testing/command-line.ts'

test.each(['native', 'auto'])('%s is proved as what it stands for here', async (name) => {
  const { exit, out } = await lockstep(['conformance', name, '--threads', '1', '--json'])
  expect(exit).toBe(0)
  const { backends } = JSON.parse(out) as { backends: { backend: string; operators: unknown[] }[] }
  expect(backends).toHaveLength(1)
  expect(backends[0].backend).toMatch(name === 'native' ? /^native-/ : /^(native-|wasm)/)
  expect(backends[0].operators.length).toBeGreaterThan(40)
})

test('an unknown name is refused with those that are known', async () => {
  const { exit, err } = await lockstep(['conformance', 'abacus'])
  expect(exit).toBe(2)
  expect(err).toContain('there is no backend "abacus"')
  expect(err).toContain('known: auto, native, native-avx512')
})
