import { parseEther } from 'viem'
import { describe, expect, test } from 'vitest'
import { beliefsFromScores, beliefsOf, parseBeliefs } from './beliefs.ts'

const [ANN, BOB] = [
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
]

describe('a file', () => {
  test('by number, by place, and by owner', () => {
    const beliefs = parseBeliefs(
      JSON.stringify({
        '0x0a': [0.25, 0.5],
        11: { 2: 0.1, [ANN.toLowerCase()]: 0.6 },
      }),
    )
    expect(beliefsOf(beliefs, 10n, [ANN, BOB, BOB])).toEqual([
      parseEther('0.25'),
      parseEther('0.5'),
      undefined,
    ])
    expect(beliefsOf(beliefs, 11n, [BOB, ANN, undefined])).toEqual([
      undefined,
      parseEther('0.6'),
      parseEther('0.1'),
    ])
    expect(beliefsOf(beliefs, 11n, [ANN, ANN, BOB])).toEqual([
      undefined,
      undefined,
      parseEther('0.1'),
    ])
    expect(beliefsOf(beliefs, 12n, [ANN])).toEqual([undefined])
  })

  test.each([
    ['no JSON', '{'],
    ['no market', '{"market": [0.5]}'],
    ['a probability above 1', '{"1": [1.5]}'],
    ['a negative one', '{"1": {"0": -0.1}}'],
    ['more than 1 together', '{"1": [0.6, 0.6]}'],
    ['no outcome', '{"1": {"first": 0.5}}'],
    ['text', '{"1": ["0.5"]}'],
  ])('that holds %s is refused', (_, text) => {
    expect(() => parseBeliefs(text)).toThrow()
  })
})

describe('scores', () => {
  const standing = (scored: number, total: number) => ({ scored, total: BigInt(total) })

  test('nothing is believed before there are any', () => {
    expect(beliefsFromScores([standing(0, 0), standing(0, 0)], 3, 10)).toBeUndefined()
  })

  test('who leads is likelier, the more the fewer rounds are left, and who missed one cannot win', () => {
    const field = (scored: number) => [
      standing(scored, 120),
      standing(scored, 100),
      standing(scored - 1, 300),
    ]
    const early = beliefsFromScores(field(1), 5, 10)!
    const late = beliefsFromScores(field(4), 5, 10)!
    for (const beliefs of [early, late]) {
      expect(beliefs[2]).toBe(0n)
      expect(Number(beliefs[0] + beliefs[1])).toBeCloseTo(1e18, -3)
    }
    expect(early[0]).toBeGreaterThan(parseEther('0.6'))
    expect(late[0]).toBeGreaterThan(early[0])
    expect(beliefsFromScores([standing(1, 5), standing(1, 5)], 2, 1)).toEqual([
      parseEther('0.5'),
      parseEther('0.5'),
    ])
  })
})
