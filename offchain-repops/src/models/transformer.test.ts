import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { reference } from '../backends/reference/index.ts'
import { runJob } from '../execute/Job.ts'
import { decodeProgram, encodeProgram } from '../program/program.ts'
import { uniform } from './initialise.ts'
import { tokenise } from './text.ts'
import { LOSS_HISTORY } from './lossHistory.ts'
import { transformerJob } from './transformer.ts'

const text = readFileSync(new URL('../../data/licences.txt', import.meta.url))
const SMALL = {
  layers: 1,
  width: 16,
  heads: 2,
  context: 12,
  batch: 4,
  learningRate: 0.02,
  warmup: 4,
}

/** The loss of every step. */
async function losses(job: ReturnType<typeof transformerJob>): Promise<number[]> {
  const place = job.program.states.findIndex(({ name }) => name === LOSS_HISTORY)
  let history: number[] = []
  for await (const { state } of runJob(job, { backend: reference }))
    history = [...state[place].floats]
  return history
}

describe('the demonstration', () => {
  const job = transformerJob({ text, steps: 60, interval: 10, seed: 1n })

  test('has at least 50,000 parameters and a well-formed program', () => {
    expect(job.parameters).toBeGreaterThanOrEqual(50_000)
    expect(decodeProgram(encodeProgram(job.program))).toEqual(job.program)
    expect(job.program.nodes.length).toBeLessThan(1000)
  })

  test('begins at the loss of a guess', async () => {
    const one = { ...job, steps: 1, interval: 1 }
    const [first] = await losses(one)
    expect(first).toBeGreaterThan(Math.log(job.alphabet.length) - 0.1)
    expect(first).toBeLessThan(Math.log(job.alphabet.length) + 1)
  })
})

test('a small one learns', async () => {
  const history = await losses(
    transformerJob({ text, steps: 60, interval: 20, seed: 3n, config: SMALL }),
  )
  expect(history.every((loss) => loss > 0 && loss < 6)).toBe(true)
  const mean = (from: number): number => history.slice(from, from + 8).reduce((a, b) => a + b) / 8
  expect(mean(52)).toBeLessThan(mean(0) - 0.8)
})

test('the seed decides everything', async () => {
  const run = (seed: bigint): Promise<number[]> =>
    losses(transformerJob({ text, steps: 3, interval: 3, seed, config: SMALL }))
  expect(await run(5n)).toEqual(await run(5n))
  expect(await run(5n)).not.toEqual(await run(6n))
})

test('a text that is too short, or heads that do not divide the width, are refused', () => {
  const job = (bytes: number, heads: number) => () =>
    transformerJob({
      text: text.subarray(0, bytes),
      steps: 1,
      interval: 1,
      seed: 0n,
      config: { ...SMALL, heads },
    })
  expect(job(13, 2)).toThrow('a text of 13 bytes has no sequences of 13')
  expect(job(1000, 3)).toThrow('no attention with 3 heads')
  expect(job(14, 2)).not.toThrow()
})

test('tokens are the bytes of the text over its alphabet', () => {
  const { tokens, alphabet } = tokenise(new TextEncoder().encode('banana'))
  expect([...alphabet]).toEqual([97, 98, 110])
  expect([...tokens]).toEqual([1, 0, 2, 0, 2, 0])
})

test('initial values fill their range evenly', () => {
  const { floats } = uniform(20_000, 0.5, 12n, 3)
  const mean = floats.reduce((a, b) => a + b) / 20_000
  const square = floats.reduce((a, b) => a + b * b) / 20_000
  expect(Math.abs(mean)).toBeLessThan(0.01)
  expect(Math.abs(square - 1 / 12)).toBeLessThan(0.003)
  expect(floats.every((x) => Math.abs(x) <= 0.5)).toBe(true)
  expect([...uniform(8, 1, 12n, 3).words]).not.toEqual([...uniform(8, 1, 12n, 4).words])
})
