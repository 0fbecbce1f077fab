import { describe, expect, test } from 'vitest'
import { Graph } from '../Graph.ts'
import type { Value } from '../Value.ts'
import { runFloat64 } from '../../testing/float64.ts'
import { gradientError, type GradientCase } from '../../testing/gradientError.ts'
import { gelu, geluErf, relu, sigmoid, silu } from './activations.ts'
import { causalAttention, selfAttention } from './attention.ts'
import { dropout } from './dropout.ts'
import { linear } from './linear.ts'
import { layerNorm, rmsNorm } from './norms.ts'
import { rope } from './rope.ts'
import { argmax, topK } from './selection.ts'
import { crossEntropy, logSoftmax, softmax } from './softmax.ts'

const CASES: Record<string, GradientCase> = {
  linear: {
    shapes: [[2, 3, 4], [5, 4], [5]],
    build: (x, weight, bias) => linear(x, { weight, bias }),
  },
  'linear of a vector': { shapes: [[4], [5, 4]], build: (x, weight) => linear(x, { weight }) },
  relu: { shapes: [[9]], build: relu },
  sigmoid: { shapes: [[9]], build: sigmoid, range: [-3, 3] },
  silu: { shapes: [[9]], build: silu, range: [-3, 3] },
  gelu: { shapes: [[9]], build: gelu, range: [-3, 3] },
  geluErf: { shapes: [[9]], build: geluErf, range: [-3, 3] },
  layerNorm: { shapes: [[2, 3, 5], [5], [5]], build: (x, g, b) => layerNorm(x, g, b) },
  rmsNorm: { shapes: [[2, 3, 5], [5]], build: (x, g) => rmsNorm(x, g) },
  softmax: { shapes: [[3, 5]], build: softmax, range: [-2, 2] },
  logSoftmax: { shapes: [[3, 5]], build: logSoftmax, range: [-2, 2] },
  crossEntropy: {
    shapes: [[2, 3, 5]],
    build: (x) => crossEntropy(x, x.graph.iota(6).rem(5).reshape([2, 3])),
    range: [-2, 2],
  },
  'crossEntropy, weighted': {
    shapes: [[4, 3], []],
    build: (x, w) => crossEntropy(x, x.graph.iota(4).rem(3)).mul(w),
  },
  causalAttention: {
    shapes: [
      [1, 4, 5, 3],
      [1, 2, 5, 3],
      [1, 5, 2, 3],
    ],
    build: (q, k, v) => causalAttention({ q, k, v }),
  },
  selfAttention: {
    shapes: [[2, 3, 4], [4, 4], [4], [2, 4], [2], [2, 4], [4, 4]],
    build: (x, q, qBias, k, kBias, v, out) =>
      selfAttention(
        x,
        {
          query: { weight: q, bias: qBias },
          key: { weight: k, bias: kBias },
          value: { weight: v },
          out: { weight: out },
        },
        { heads: 4, keyHeads: 2 },
      ),
  },
  rope: { shapes: [[2, 3, 4]], build: (x) => rope(x, 100) },
  'rope from a later position': { shapes: [[2, 3, 4]], build: (x) => rope(x, 100, 7) },
  dropout: { shapes: [[40]], build: (x) => dropout(x, 0.3, 1) },
}

test.each(Object.entries(CASES))('the gradient of %s is that of its values', (_, it) => {
  expect(gradientError(it)).toBeLessThan(2e-6)
})

/** The values of a function in float64. */
function valuesOf(x: number[][], build: (x: Value) => Value): number[] {
  const graph = new Graph()
  const input = graph.state('x', 'f32', [x.length, x[0].length])
  const y = build(input)
  const result = graph.state('y', y.type, y.shape)
  graph.setNext(result, y)
  const state = [Float64Array.from(x.flat()), new Float64Array(y.count)]
  return [...runFloat64(graph.program(), { state }).next[1]]
}

const X = [
  [0.5, -1, 2, 0.25],
  [3, 3, -2, 0],
]

describe('values', () => {
  const near = (actual: number[], expected: number[]): void => {
    expect(actual.length).toBe(expected.length)
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10)
    })
  }
  const rows = (f: (row: number[]) => number[]): number[] => X.flatMap(f)
  const soft = (row: number[]): number[] => {
    const powers = row.map(Math.exp)
    return powers.map((p) => p / powers.reduce((a, b) => a + b))
  }

  test('softmax', () => {
    near(valuesOf(X, softmax), rows(soft))
  })
  test('log softmax', () => {
    near(valuesOf(X, logSoftmax), rows(soft).map(Math.log))
  })
  test('cross entropy', () => {
    const classes = (x: Value): Value => x.graph.iota(2).add(1)
    const expected = -(Math.log(soft(X[0])[1]) + Math.log(soft(X[1])[2])) / 2
    near(
      valuesOf(X, (x) => crossEntropy(x, classes(x))),
      [expected],
    )
  })
  test('layer norm', () => {
    const norm = (row: number[]): number[] => {
      const mean = row.reduce((a, b) => a + b) / 4
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / 4
      return row.map((v) => (2 * (v - mean)) / Math.sqrt(variance + Math.fround(1e-5)) + 1)
    }
    near(
      valuesOf(X, (x) => layerNorm(x, x.scalar(2), x.scalar(1))),
      rows(norm),
    )
  })
  test('argmax takes the first of equals', () => {
    expect(valuesOf(X, argmax)).toEqual([2, 0])
  })
  test('top k', () => {
    expect(valuesOf(X, (x) => topK(x, 3).indices)).toEqual([2, 0, 3, 0, 1, 3])
    expect(valuesOf(X, (x) => topK(x, 3).values)).toEqual([2, 0.5, 0.25, 3, 3, 0])
  })
  test('rotation keeps lengths and depends on distance only', () => {
    const graph = new Graph()
    const x = graph.state('x', 'f32', [5, 4])
    const turned = rope(x.at(0, 0).reshape([1, 4]).expand([5, 4]))
    const products = graph.state('products', 'f32', [5, 5])
    graph.setNext(products, turned.matmulT(turned))
    const state = [Float64Array.from({ length: 20 }, (_, i) => i + 1), new Float64Array(25)]
    const p = runFloat64(graph.program(), { state }).next[1]
    for (let i = 0; i < 4; i++) {
      expect(p[6 * i + 6]).toBeCloseTo(p[0], 4)
      if (i > 0) expect(p[6 * i + 1]).toBeCloseTo(p[1], 4)
    }
    expect(p[1]).not.toBeCloseTo(p[0], 1)
  })
  test('dropout keeps the mean', () => {
    const graph = new Graph()
    const mean = graph.state('mean', 'f32', [])
    graph.setNext(
      mean,
      dropout(graph.f32(1).expand([20000]), 0.25, 3)
        .sum()
        .div(20000),
    )
    const [value] = runFloat64(graph.program(), { state: [new Float64Array(1)], seed: 9n }).next[0]
    expect(Math.abs(value - 1)).toBeLessThan(0.02)
    expect(value).not.toBe(1)
  })
})
