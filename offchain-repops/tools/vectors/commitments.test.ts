import { expect, test } from 'vitest'
import { commitmentVectors } from './commitments.ts'
import { readVectorText, vectorText } from './write.ts'

test.each(Object.entries(commitmentVectors))(
  '%s is what the generator writes',
  async (name, make) => {
    expect(vectorText(await make()) === readVectorText(name)).toBe(true)
  },
)
