import { expect, test } from 'vitest'
import { reference } from '../backends/reference/index.ts'
import { gradients } from '../build/gradients.ts'
import { Graph } from '../build/Graph.ts'
import { crossEntropy } from '../build/layers/softmax.ts'
import type { Value } from '../build/Value.ts'
import { runJob } from '../execute/Job.ts'
import { LOSS_HISTORY } from '../models/lossHistory.ts'
import { Tensor } from '../tensor.ts'
import { decoderGraph, encoderGraph, residualGraph } from '../testing/onnxGraphs.ts'
import { onnxModel, randomFloats } from '../testing/onnxModel.ts'
import { runFloat64 } from '../testing/float64.ts'
import { Random } from '../testing/Random.ts'
import { importOnnx } from './importOnnx.ts'
import { OnnxError } from './OnnxError.ts'
import type { OnnxModel } from './OnnxModel.ts'
import { onnxTrainingJob, type OnnxTrainingOptions } from './trainingJob.ts'

/** Points of the plane by the sign of the product of their coordinates: no linear model tells them apart. */
function quadrants(samples: number): Pick<OnnxTrainingOptions, 'data' | 'targets'> {
  const points = randomFloats([samples, 2], { least: -1, most: 1 })
  const classes = Array.from({ length: samples }, (_, i) =>
    Number(points.data[2 * i] * points.data[2 * i + 1] > 0),
  )
  return {
    data: new Map([['x', { shape: [samples, 2], tensor: points.toTensor() }]]),
    targets: { shape: [samples], tensor: Tensor.i32(classes) },
  }
}

const classifier = onnxModel({
  inputs: { x: ['float', 'batch', 2] },
  outputs: ['logits'],
  nodes: [
    ['Gemm', ['x', 'w1', 'b1'], ['h'], { transB: 1 }],
    ['Tanh', ['h'], ['a']],
    ['MatMul', ['a', 'w2'], ['logits']],
  ],
  initialisers: {
    w1: randomFloats([16, 2], { seed: 3 }),
    b1: randomFloats([16], { seed: 4 }),
    w2: randomFloats([16, 2], { seed: 5, least: -0.5, most: 0.5 }),
  },
})

const OPTIONS = { loss: 'crossEntropy', batch: 16, steps: 120, interval: 120, seed: 3n } as const

async function losses(job: ReturnType<typeof onnxTrainingJob>): Promise<Float32Array> {
  let last: readonly Tensor[] = []
  for await (const { state } of runJob(job, { backend: reference })) last = state
  return last[job.program.states.findIndex(({ name }) => name === LOSS_HISTORY)].floats
}

const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length

test.each([
  ['adam', { kind: 'adam', learningRate: 0.03 }],
  ['sgd', { kind: 'sgd', learningRate: 0.5, momentum: 0.9 }],
] as const)('a model learns with %s what a linear one cannot', async (_, optimiser) => {
  const job = onnxTrainingJob(classifier, { ...quadrants(64), ...OPTIONS, optimiser })
  expect(job.parameters).toBe(16 * 2 + 16 + 16 * 2)
  const history = await losses(job)
  expect(mean(history.subarray(0, 10))).toBeGreaterThan(0.6)
  expect(mean(history.subarray(-10))).toBeLessThan(0.25)
})

test('squared differences are learned too, and only what is chosen is trained', async () => {
  const samples = 32
  const points = randomFloats([samples, 2], { least: -1, most: 1 })
  const targets = randomFloats([samples, 2], { seed: 9, least: -0.1, most: 0.1 })
  const job = onnxTrainingJob(classifier, {
    data: new Map([['x', { shape: [samples, 2], tensor: points.toTensor() }]]),
    targets: { shape: [samples, 2], tensor: targets.toTensor() },
    loss: 'mse',
    batch: 8,
    steps: 60,
    interval: 60,
    seed: 1n,
    trained: ({ name }) => name === 'w2',
    optimiser: { kind: 'adam', learningRate: 0.02 },
  })
  expect(job.program.states.map(({ name }) => name)).toEqual(['w2', LOSS_HISTORY, 'w2.m', 'w2.v'])
  const history = await losses(job)
  expect(mean(history.subarray(-5))).toBeLessThan(mean(history.subarray(0, 5)) / 5)
})

/**
 * The largest difference between derivatives of an imported model's cross entropy along random directions, in which every
 * weight changes the loss about as much as the next, and central differences in float64; relative to them.
 */
function gradientDifference(
  model: OnnxModel,
  dims: Record<string, number>,
  output: string,
): number {
  const graph = new Graph()
  const imported = importOnnx(graph, model, { dims, trained: ({ count }) => count > 1 })
  const logits = imported.outputs.get(output)!.value
  const classes = logits.dim(-1)
  const rows: Value = logits.reshape([-1, classes])
  const loss = crossEntropy(rows, graph.iota(rows.dim(0)).rem(classes))
  const inputs = [...imported.inputs.values()]
  const reached = imported.parameters.filter(({ name }) => !/running|pooler|classifier/.test(name))
  const results = gradients(
    loss,
    reached.map(({ value }) => value),
  )
  reached.forEach(({ value }, i) => {
    graph.setNext(value, results[i])
  })
  graph.setNext(graph.state('loss', 'f32', []), loss)
  const program = graph.program()
  const random = new Random(4)
  const constants = program.constants.map(({ name, type }) => {
    const tensor = imported.constants.get(name)!
    return Float64Array.from(type === 'f32' ? tensor.floats : tensor.words)
  })
  const state = program.states.map(({ name, type, count }, i) => {
    const initial = imported.initial.get(name)
    if (initial) return Float64Array.from(initial.floats)
    const fill = (): number =>
      type === 'i32' ? (i === 1 ? 1 : random.below(40)) : random.below(1000) / 500 - 1
    return new Float64Array(count).map(() => (i < inputs.length ? fill() : 0))
  })
  const step = (changed: readonly Float64Array[]): readonly Float64Array[] =>
    runFloat64(program, { state: changed, constants }).next
  const slopes = step(state)
  const last = program.states.length - 1
  const trained = reached.map(({ value: { input } }) => ('ref' in input ? input.ref : -1))
  const h = 1e-6
  let worst = 0
  for (let round = 0; round < 3; round++) {
    const direction = new Map(
      trained.map((place) => {
        const size = Math.sqrt(slopes[place].reduce((sum, g) => sum + g * g, 0))
        // Biases of keys change nothing, but for rounding.
        return [place, slopes[place].map(() => (random.below(1001) / 500 - 1) / (size + 1e-4))]
      }),
    )
    const moved = (by: number): number =>
      step(state.map((it, place) => it.map((x, k) => x + by * (direction.get(place)?.[k] ?? 0))))[
        last
      ][0]
    const numeric = (moved(h) - moved(-h)) / (2 * h)
    let [analytic, scale] = [0, 0]
    for (const [place, along] of direction) {
      const slope = slopes[place].reduce((sum, g, k) => sum + g * along[k], 0)
      analytic += slope
      scale += Math.abs(slope)
    }
    worst = Math.max(worst, Math.abs(numeric - analytic) / scale)
  }
  return worst
}

test.each([
  ['an encoder in pieces', encoderGraph(), { batch: 2, sequence: 3 }],
  ['a decoder with tied embeddings', decoderGraph(), { batch: 1, sequence: 4 }],
  ['a residual network', residualGraph(), { batch: 1 }],
] as const)('gradients of %s are central differences', (_, model, dims) => {
  expect(gradientDifference(model, dims, 'output_0')).toBeLessThan(1e-6)
})

test('what does not fit together is refused', () => {
  const given = {
    ...quadrants(8),
    ...OPTIONS,
    optimiser: { kind: 'adam', learningRate: 0.1 },
  } as const
  const wrong: [Partial<OnnxTrainingOptions>, string][] = [
    [{ data: new Map() }, 'there are no samples for input "x"'],
    [
      { targets: { shape: [7], tensor: Tensor.zeros('i32', 7) } },
      'has the shape [8, 2], the targets 7 samples',
    ],
    [{ loss: 'mse' }, 'no squared difference of [16, 2] and i32 [16]'],
    [{ output: 'probabilities' }, 'no output "probabilities"'],
    [{ trained: () => false }, 'depends on no weight that is trained'],
  ]
  for (const [changes, message] of wrong) {
    const build = (): unknown => onnxTrainingJob(classifier, { ...given, ...changes })
    expect(build).toThrow(OnnxError)
    expect(build).toThrow(message)
  }
})
