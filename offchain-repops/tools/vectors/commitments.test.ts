import { expect, test } from 'vitest'
import { commitmentVectors } from './commitments.ts'
import { readVectorText, vectorText } from './write.ts'

test.each(Object.entries(commitmentVectors))('%s is what the generator writes', (name, make) => {
  expect(vectorText(make()) === readVectorText(name)).toBe(true)
})
