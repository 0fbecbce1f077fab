import { Tensor, writeSafetensors } from '@lockstep/repops'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEther } from 'viem'
import { afterAll, describe, expect, test } from 'vitest'
import { LockstepError } from '../errors.ts'
import { readTerms, RUBRICS, rubricHash } from './terms.ts'

const folder = mkdtempSync(join(tmpdir(), 'terms-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const ATTESTER = `0x${'0b'.repeat(20)}` as const
const NOW = 1_000_000

const GOOD = {
  evaluator: { name: 'accuracy', questions: 3 },
  ...{ maxEntrants: 4, entriesClose: '1h', workSeconds: '30m', solveSeconds: 7200 },
  ...{ reward: '10', stake: '1000.5', uri: 'http://127.0.0.1:1' },
  rounds: [{ testSet: { safetensors: 'right.safetensors' }, opensAt: '2h', orderBy: NOW + 9000 }],
}
const right = new Tensor('i32', Int32Array.of(1, 0, 1))
const named = (name: string, tensor: Tensor) =>
  writeSafetensors([[name, { shape: [tensor.count], tensor }]])
writeFileSync(join(folder, 'right.safetensors'), named('answers', right))
writeFileSync(join(folder, 'floats.safetensors'), named('answers', Tensor.f32([1, 0, 1])))
writeFileSync(join(folder, 'text'), 'banana')
writeFileSync(join(folder, 'longer'), 'abcn')

function read(changes: object, wanted = { type: 'i32', count: 4 } as const) {
  const path = join(folder, 'terms.json')
  writeFileSync(path, JSON.stringify({ ...GOOD, ...changes }))
  const defaults = { attester: ATTESTER, uri: undefined }
  return readTerms(path, defaults, NOW, 1, () => Promise.resolve(wanted))
}

const round = (testSet: object) => [{ ...GOOD.rounds[0], testSet }]

test('terms are read from a file, times in words from now', async () => {
  const order = await read({})
  expect(order).toMatchObject({
    ...{ attester: ATTESTER, maxEntrants: 4, entriesClose: NOW + 3600, uri: 'http://127.0.0.1:1' },
    ...{ workSeconds: 1800, solveSeconds: 7200 },
    ...{ reward: parseEther('10'), stake: parseEther('1000.5') },
    evaluator: { rubric: rubricHash(RUBRICS.accuracy) },
    rounds: [{ opensAt: NOW + 7200, orderBy: NOW + 9000 }],
  })
  expect(order.rounds[0].testSet.words).toEqual(right.words)
})

describe('a test set of text', () => {
  const evaluator = { id: `0x${'77'.repeat(32)}` }

  test('has the alphabet of the text that the models know', async () => {
    const testSet = { text: 'text', alphabetOf: 'longer', from: 1 }
    const { rounds } = await read({ evaluator, rounds: round(testSet) })
    expect([...rounds[0].testSet.words]).toEqual([0, 3, 0, 3])
  })

  test('has no token that the model does not know', async () => {
    const model = { vocabulary: 3, context: 4, width: 8, layers: 1, heads: 2 }
    const perplexity = { name: 'perplexity', model, batch: 1, length: 3, batches: 1 }
    const rounds = round({ text: 'text', alphabetOf: 'longer', from: 1 })
    await expect(read({ evaluator: perplexity, rounds })).rejects.toThrow(
      'the test set has the token 3, the model knows 0 to 2',
    )
    const known = { ...perplexity, model: { ...model, vocabulary: 4 } }
    expect((await read({ evaluator: known, rounds })).rounds).toHaveLength(1)
  })

  test.each([
    [{ text: 'text', from: 3 }, /it has 3 bytes from byte 3 on, the evaluator takes 4/],
    [{ text: 'longer', alphabetOf: 'text' }, /byte 99 is none of the alphabet/],
    [{ text: 'none' }, /the file cannot be read/],
  ])('%j is refused', async (testSet, problem) => {
    await expect(read({ evaluator, rounds: round(testSet) })).rejects.toThrow(problem)
  })
})

test.each([
  [{ rounds: [] }, /rounds/],
  [{ maxEntrants: 257 }, /maxEntrants/],
  [{ reward: 5 }, /reward/],
  [{ entriesClose: 'soon' }, /such as "90s", "30m", "2h", "1d" → at entriesClose/],
  [{ more: 1 }, /more/],
  [{ evaluator: { name: 'taste' } }, /evaluator/],
  [{ uri: 'file:///x' }, /uri/],
  [{ uri: undefined }, /nothing says where artifacts can be fetched/],
  [{ rounds: round({ safetensors: 'floats.safetensors' }) }, /3 elements of f32, the evaluator/],
  [{ rounds: round({ safetensors: 'text' }) }, /artifact-mismatch|truncated|header/],
  [
    {
      evaluator: {
        name: 'perplexity',
        model: { vocabulary: 4, context: 4, width: 7, layers: 1, heads: 2 },
        ...{ batch: 1, length: 2, batches: 1 },
      },
    },
    /no attention with 2 heads/,
  ],
])('%j is refused', async (changes, problem) => {
  await expect(read(changes)).rejects.toThrow(problem)
  await expect(read(changes)).rejects.toBeInstanceOf(LockstepError)
})
