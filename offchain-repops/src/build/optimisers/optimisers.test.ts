import { describe, expect, test } from 'vitest'
import { runFloat64 } from '../../testing/float64.ts'
import { gradients } from '../gradients.ts'
import { Graph } from '../Graph.ts'
import { adam } from './adam.ts'
import { clipByGlobalNorm } from './clipByGlobalNorm.ts'
import type { Parameter } from './Parameter.ts'
import { sgd } from './sgd.ts'

const START = [
  [1, -2],
  [0.5, 3, -1, 2],
]

/** Parameters p, q of the loss Σ p² + Σ q⁴, whose gradients are 2p and 4q³. */
function parameters(graph: Graph): { list: Parameter[]; losses: ReturnType<typeof gradients> } {
  const list = [
    { name: 'p', value: graph.state('p', 'f32', [2]) },
    { name: 'q', value: graph.state('q', 'f32', [2, 2]) },
  ]
  const [p, q] = list.map(({ value }) => value)
  const square = q.mul(q)
  const loss = p.mul(p).sum().add(square.mul(square).sum())
  return { list, losses: gradients(loss, [p, q]) }
}

const gradientOf = ([p, q]: number[][]): number[][] => [
  p.map((x) => 2 * x),
  q.map((x) => 4 * x ** 3),
]

/** Parameters after some steps of the built program. */
function train(graph: Graph, steps: number): number[][] {
  const program = graph.program()
  let state = program.states.map(({ count }, i) =>
    Float64Array.from(START[i] ?? new Array(count).fill(0)),
  )
  for (let step = 0; step < steps; step++)
    state = runFloat64(program, { state, step }).next.map((tensor) => tensor.slice())
  return state.slice(0, 2).map((tensor) => [...tensor])
}

function expectNear(actual: number[][], expected: number[][]): void {
  actual.flat().forEach((value, i) => {
    expect(value).toBeCloseTo(expected.flat()[i], 6)
  })
}

/** The scale that brings the joint norm to at most 1. */
function clip(gradient: number[][]): number[][] {
  const norm = Math.sqrt(gradient.flat().reduce((sum, g) => sum + g * g, 0))
  return gradient.map((part) => part.map((g) => g * Math.min(1, 1 / (norm + 1e-6))))
}

describe.each([0, 0.9])('descent with momentum %f', (momentum) => {
  test('takes the steps of its formula', () => {
    const graph = new Graph()
    const { list, losses } = parameters(graph)
    sgd(list, losses, { learningRate: 0.01, momentum, clipNorm: 1 })
    let values = START
    let velocity = START.map((part) => part.map(() => 0))
    for (let step = 0; step < 4; step++) {
      const g = clip(gradientOf(values))
      velocity = velocity.map((part, i) => part.map((v, j) => Math.fround(momentum) * v + g[i][j]))
      values = values.map((part, i) => part.map((x, j) => x - Math.fround(0.01) * velocity[i][j]))
    }
    expectNear(train(graph, 4), values)
  })
})

test.each([
  [0, undefined],
  [0.1, 1],
])('Adam with decay %f and clipping at %s takes the steps of its formula', (decay, clipNorm) => {
  const graph = new Graph()
  const { list, losses } = parameters(graph)
  const rate = 0.05
  adam(list, losses, {
    learningRate: rate,
    weightDecay: decay,
    beta2: 0.99,
    ...(clipNorm === undefined ? {} : { clipNorm }),
  })
  let values = START
  let m = START.map((part) => part.map(() => 0))
  let v = m
  for (let t = 1; t <= 5; t++) {
    const raw = gradientOf(values)
    const g = clipNorm === undefined ? raw : clip(raw)
    m = m.map((part, i) => part.map((x, j) => 0.9 * x + 0.1 * g[i][j]))
    v = v.map((part, i) => part.map((x, j) => 0.99 * x + 0.01 * g[i][j] ** 2))
    values = values.map((part, i) =>
      part.map((x, j) => {
        const shrunk = i === 1 ? x * (1 - rate * decay) : x
        const size = Math.sqrt(v[i][j] / (1 - 0.99 ** t)) + 1e-8
        return shrunk - (rate * (m[i][j] / (1 - 0.9 ** t))) / size
      }),
    )
  }
  expectNear(train(graph, 5), values)
})

test('gradients below the limit are not scaled', () => {
  const graph = new Graph()
  const x = graph.state('x', 'f32', [2])
  graph.setNext(x, clipByGlobalNorm([x], 10)[0])
  const [next] = runFloat64(graph.program(), { state: [Float64Array.of(3, 4)] }).next
  expect([...next]).toEqual([3, 4])
})
