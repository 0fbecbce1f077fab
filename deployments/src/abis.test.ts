import { expect, test } from 'vitest'
import { readAbis, renderAbis } from './abis.ts'

test('the committed ABIs are those of the contracts (else: npm run abis)', async () => {
  const rendered = await renderAbis()
  expect(Object.fromEntries(readAbis())).toEqual(Object.fromEntries(rendered))
}, 900_000)
