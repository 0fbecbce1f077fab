import { describe, expect, test } from 'vitest'
import { reference } from '../../backends/reference/index.ts'
import { Execution } from '../../execute/Execution.ts'
import { Tensor } from '../../tensor.ts'
import { Random } from '../../testing/Random.ts'
import { Graph } from '../Graph.ts'
import { BuildError } from '../shapes.ts'
import type { Value } from '../Value.ts'
import { sample, type Sampling } from './sampling.ts'
import { largest } from './selection.ts'

/** The words of a function of a tensor [rows, columns], by the reference. */
async function wordsOf(
  x: Tensor,
  shape: readonly [number, number],
  build: (x: Value) => Value,
  seed = 0n,
): Promise<Int32Array> {
  const graph = new Graph()
  const y = build(graph.constant('x', 'f32', shape))
  const result = graph.state('y', y.type, y.shape)
  graph.setNext(result, y)
  const state = [Tensor.zeros(y.type, y.count)]
  const run = new Execution(graph.program(), reference, { state, constants: [x], seed })
  await run.advance()
  return (await run.stateTensor(0)).words
}

describe('the largest elements', () => {
  const random = new Random(8)

  test('of ordinary rows are those that sorting finds', async () => {
    const [rows, V] = [3, 300]
    const x = Tensor.f32(
      Array.from({ length: rows * V }, () => random.below(2 ** 24) / 2 ** 20 - 8),
    )
    for (const k of [1, 2, 17, 299, 300]) {
      const mask = await wordsOf(x, [rows, V], (value) => largest(value, k))
      for (let row = 0; row < rows; row++) {
        const values = x.floats.subarray(row * V, (row + 1) * V)
        const kth = [...values].sort((a, b) => b - a)[k - 1]
        expect([...mask.subarray(row * V, (row + 1) * V)]).toEqual(
          [...values].map((value) => Number(value >= kth)),
        )
      }
    }
  })

  test('of rows with equals and corner cases follow the order of the bits', async () => {
    const corners = [0, -0, Infinity, -Infinity, 2 ** -149, -(2 ** -149), 1, 1, 1, -1, 3e38, -3e38]
    const x = Tensor.f32([...corners, NaN])
    x.words[12] = 0x7fc00000
    // From the largest: NaN, ∞, 3e38, 1 1 1, 2^-149, +0, −0, −2^-149, −1, −3e38, −∞
    const order = [[12], [2], [10], [6, 7, 8], [4], [0], [1], [5], [9], [11], [3]]
    for (let taken = 1; taken <= order.length; taken++) {
      const kept = order.slice(0, taken).flat()
      const before = order.slice(0, taken - 1).flat().length
      for (let k = before + 1; k <= kept.length; k++) {
        const mask = await wordsOf(x, [1, 13], (value) => largest(value, k))
        expect([...mask.keys()].filter((i) => mask[i] === 1)).toEqual(
          kept.toSorted((a, b) => a - b),
        )
      }
    }
  })

  test('are at least one and at most all', async () => {
    for (const k of [0, 14, 1.5])
      await expect(wordsOf(Tensor.zeros('f32', 13), [1, 13], (x) => largest(x, k))).rejects.toThrow(
        BuildError,
      )
  })
})

describe('drawn classes', () => {
  const logits = [1.5, -0.5, 0, 2, 0.75, -3, 1]
  const draws = 6000

  /** How often each class is drawn. */
  async function counts(sampling: Sampling, seed: bigint): Promise<number[]> {
    const words = await wordsOf(
      Tensor.f32(logits),
      [1, logits.length],
      (x) => sample(x.expand([draws, logits.length]), sampling, 5),
      seed,
    )
    return logits.map((_, token) => words.reduce((n, word) => n + Number(word === token), 0))
  }

  const probabilities = ({ temperature, topK = logits.length }: Sampling): number[] => {
    const limit = logits.toSorted((a, b) => b - a)[topK - 1]
    const powers = logits.map((x) => (x >= limit ? Math.exp(x / temperature) : 0))
    return powers.map((p) => p / powers.reduce((a, b) => a + b))
  }

  test.each([
    [{ temperature: 1 }],
    [{ temperature: 0.5 }],
    [{ temperature: 3 }],
    [{ temperature: 1, topK: 3 }],
  ] as [Sampling][])('of %o have the frequencies of the softmax', async (sampling) => {
    const seen = await counts(sampling, 2n ** 40n)
    let chiSquare = 0
    probabilities(sampling).forEach((p, token) => {
      if (p === 0) expect(seen[token]).toBe(0)
      else chiSquare += (seen[token] - draws * p) ** 2 / (draws * p)
    })
    // The 99.99 % point of χ² with 6 degrees of freedom, that with 2 is 18.42.
    expect(chiSquare).toBeLessThan(sampling.topK === 3 ? 18.42 : 27.86)
  })

  test('depend on the seed', async () => {
    const one = await counts({ temperature: 1 }, 1n)
    expect(one).not.toEqual(await counts({ temperature: 1 }, 2n))
  })

  test('are the first of the most likely at temperature 0', async () => {
    const x = Tensor.f32([1, 4, 4, 2, -1, -2, -3, -1])
    expect([
      ...(await wordsOf(x, [2, 4], (value) => sample(value, { temperature: 0 }, 0))),
    ]).toEqual([1, 0])
  })

  test('need a temperature', async () => {
    for (const temperature of [-1, NaN, Infinity])
      await expect(counts({ temperature }, 0n)).rejects.toThrow('temperature')
  })
})
