import { describe, expect, test } from 'vitest'
import { reference } from '../backends/reference/index.ts'
import { Graph } from '../build/Graph.ts'
import { runJob } from '../execute/Job.ts'
import { decodeProgram, encodeProgram } from '../program/program.ts'
import { programCost } from '../execute/programCost.ts'
import { decoder } from './decoder.ts'
import { forwardJob, gpt2, GPT2_SMALL, LOGITS, randomTrainingJob } from './gpt2.ts'
import { Parameters } from './parameters.ts'
import { LOSS_HISTORY } from './lossHistory.ts'

const TINY = gpt2({ vocabulary: 40, context: 12, width: 16, layers: 2, heads: 2 })

test('the small GPT-2 has 124,439,808 parameters', () => {
  const graph = new Graph()
  const parameters = new Parameters(graph, 'constant')
  const logits = decoder(parameters, graph.constant('input', 'i32', [1, 8]), GPT2_SMALL)
  expect(logits.shape).toEqual([1, 8, 50257])
  expect(parameters.count).toBe(124_439_808)
})

/** A state after the job. */
async function outcome(job: ReturnType<typeof forwardJob>, name: string): Promise<Float32Array> {
  const place = job.program.states.findIndex((state) => state.name === name)
  let floats: Float32Array = new Float32Array()
  for await (const { state } of runJob(job, { backend: reference })) floats = state[place].floats
  return floats.slice()
}

describe('a tiny one', () => {
  test('guesses about evenly before it is trained', async () => {
    const job = forwardJob({ config: TINY, batch: 2, length: 12, seed: 5n })
    expect(decodeProgram(encodeProgram(job.program))).toEqual(job.program)
    const logits = await outcome(job, LOGITS)
    expect(logits.length).toBe(2 * 12 * 40)
    const size = Math.sqrt(logits.reduce((sum, x) => sum + x * x, 0) / logits.length)
    expect(size).toBeGreaterThan(0.3)
    expect(size).toBeLessThan(3)
  })

  test('begins its training at the loss of a guess, whatever the length', async () => {
    for (const length of [5, 12]) {
      const job = randomTrainingJob({ config: TINY, batch: 3, length, seed: 6n }, 2, 1)
      const [first, second] = await outcome(job, LOSS_HISTORY)
      expect(first).toBeGreaterThan(Math.log(40) - 0.2)
      expect(first).toBeLessThan(Math.log(40) + 1)
      expect(second).not.toBe(first)
    }
  })

  test('costs what its matrices say', () => {
    const job = forwardJob({ config: TINY, batch: 2, length: 12, seed: 5n })
    const { program } = job
    const products = program.nodes.filter(({ op }) => op === 'MatMul')
    expect(products.length).toBe(2 * (4 + 2 + 2) + 1)
    expect(programCost(program).graphBytes).toBeGreaterThan(4 * 2 * 12 * 40)
  })
})
