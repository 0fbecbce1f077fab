import { describe, expect, test } from 'vitest'
import type { Backend } from '../../backends/backend.ts'
import { reference } from '../../backends/reference/index.ts'
import type { DecoderConfig } from '../../models/decoder.ts'
import { generationJob } from '../../models/generation.ts'
import { gpt2, randomTrainingJob, randomWeights } from '../../models/gpt2.ts'
import { Tensor } from '../../tensor.ts'
import { checkPlan } from '../../testing/checkPlan.ts'
import { interpreter } from '../../testing/interpreter.ts'
import { Random } from '../../testing/Random.ts'
import { randomProgram, type RandomProgram } from '../../testing/randomProgram.ts'
import { Execution } from '../Execution.ts'
import { planStep } from './planStep.ts'

const words = (tensors: readonly Tensor[]): number[][] => tensors.map((t) => [...t.words])

const execution = (it: RandomProgram, backend = reference): Execution =>
  new Execution(it.program, backend, {
    state: it.initialState,
    constants: it.constants,
    seed: it.seed,
    step: 3,
  })

describe.each(Array.from({ length: 40 }, (_, seed) => seed))('random program %i', (seed) => {
  const random = new Random(seed)
  const it = randomProgram(random, { nodes: 16 })
  const { program } = it

  test('every read sees the right value', () => {
    const kept = [0, program.nodes.length - 1, random.below(program.nodes.length)]
    for (const request of [
      { advance: true },
      { advance: true, fuse: true },
      { advance: true, fuse: true, isAlone: (node: number) => node % 3 === 0 },
      { advance: true, commit: true },
      { advance: false, kept },
      { advance: false, kept, fuse: true },
    ])
      checkPlan(planStep(program, request), request.advance)
  })

  test('fused kernels give the bits of their nodes', async () => {
    const [plain, fused] = [execution(it), execution(it, interpreter)]
    for (let step = 0; step < 2; step++) {
      await plain.advance()
      await fused.advance()
    }
    expect(words(await fused.state())).toEqual(words(await plain.state()))
  })
})

describe.each([
  ['GPT-2', gpt2({ vocabulary: 13, context: 6, width: 8, layers: 2, heads: 2 })],
  [
    'Llama',
    {
      vocabulary: 13,
      context: 6,
      width: 8,
      layers: 2,
      heads: 4,
      keyHeads: 2,
      inner: 12,
      norm: 'rms',
      epsilon: 1e-5,
      mlp: 'swiglu',
      biases: false,
      rotaryBase: 10_000,
      tied: false,
    },
  ],
] as [string, DecoderConfig][])('a training step of a small %s', (_, config) => {
  const job = randomTrainingJob({ config, batch: 2, length: 5, seed: 3n }, 2, 1)
  const { program } = job

  test('is planned so that every read sees the right value', () => {
    for (const fuse of [false, true]) checkPlan(planStep(program, { advance: true, fuse }), true)
  })

  test('has the same bits fused, in a third of the tasks', async () => {
    const plain = planStep(program, { advance: true })
    const { tasks } = planStep(program, { advance: true, fuse: true })
    expect(tasks.length).toBeLessThan(plain.tasks.length / 3)
    const kinds = new Set(tasks.map(({ kernel }) => kernel.kind))
    for (const kind of ['rows', 'columns', 'matmul', 'indexed', 'concat'] as const)
      expect(kinds).toContain(kind)
    // Every matrix product reads and writes where its operands and its readers are.
    const moved = tasks.filter(({ kernel }) => kernel.kind === 'matmul')
    expect(moved.some(({ nodes }) => nodes.length > 2)).toBe(true)
    const step = async (backend: Backend): Promise<number[][]> => {
      const execution = new Execution(program, backend, {
        state: job.initialState,
        constants: job.constants,
        seed: job.seed,
      })
      await execution.advance()
      await execution.advance()
      return words(await execution.state())
    }
    expect(await step(interpreter)).toEqual(await step(reference))
  })
})

// What the engine makes of such a task: only the rows that change are written (native/kernels/rows_plan.cc).
test('a step of generation selects the next cache in the place of the cache', () => {
  const config = gpt2({ vocabulary: 13, context: 8, width: 8, layers: 2, heads: 2 })
  const weights = randomWeights(config, 1n)
  const { program } = generationJob({ config, weights, prompts: [[1, 2]], newTokens: 6, seed: 1n })
  const { tasks } = planStep(program, { advance: true, fuse: true })
  const caches = program.states.flatMap(({ name }, slot) => /keys|values/.test(name) ? [slot] : []) // prettier-ignore
  expect(caches).toHaveLength(4)
  for (const cache of caches) {
    const writers = tasks.filter(({ outputs }) => outputs.includes(cache))
    expect(writers).toHaveLength(1)
    const [{ kernel, inputs, outputs }] = writers
    if (kernel.kind !== 'rows') throw new Error(`a ${kernel.kind} kernel writes the cache`)
    expect(kernel.instructions.map(({ op }) => op)).toEqual(['Where'])
    expect(outputs).toEqual([cache])
    const [condition, , kept] = kernel.instructions[0].operands
    expect(inputs[kept.index]).toBe(cache)
    expect(kernel.strides[condition.index].at(-1)).toBe(0)
  }
})
