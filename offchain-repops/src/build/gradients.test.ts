import { describe, expect, test } from 'vitest'
import { OPERATORS } from '../ops/index.ts'
import { gradientError, type GradientCase } from '../testing/gradientError.ts'
import { Graph } from './Graph.ts'
import { gradients } from './gradients.ts'
import { along, fixed, Value } from './Value.ts'

/** One case or more for every operator that has a gradient. */
const CASES: Record<string, GradientCase[]> = {
  Add: [
    { shapes: [[3, 4], [4]], build: (a, b) => a.add(b) },
    {
      shapes: [
        [2, 1, 3],
        [4, 1],
      ],
      build: (a, b) => a.add(b),
    },
    { shapes: [[5]], build: (a) => a.add(a) },
  ],
  Sub: [
    {
      shapes: [
        [3, 1],
        [1, 4],
      ],
      build: (a, b) => a.sub(b),
    },
  ],
  Mul: [
    {
      shapes: [
        [3, 4],
        [3, 1],
      ],
      build: (a, b) => a.mul(b),
    },
    { shapes: [[], [2, 2]], build: (a, b) => a.mul(b).mul(a) },
  ],
  Div: [{ shapes: [[3, 4], [4]], build: (a, b) => a.div(b), range: [0.5, 2] }],
  Sqrt: [{ shapes: [[6]], build: (a) => a.sqrt(), range: [0.5, 2] }],
  Fma: [{ shapes: [[3, 4], [4], [3, 1]], build: (a, b, c) => a.fma(b, c) }],
  Neg: [{ shapes: [[5]], build: (a) => a.neg() }],
  Abs: [{ shapes: [[9]], build: (a) => a.abs() }],
  Min: [{ shapes: [[4, 3], [3]], build: (a, b) => a.min(b) }],
  Max: [{ shapes: [[4, 3], [3]], build: (a, b) => a.max(b) }],
  Exp: [{ shapes: [[7]], build: (a) => a.exp() }],
  Log: [{ shapes: [[7]], build: (a) => a.log(), range: [0.5, 3] }],
  Tanh: [{ shapes: [[7]], build: (a) => a.tanh() }],
  Erf: [{ shapes: [[7]], build: (a) => a.erf() }],
  Sin: [{ shapes: [[7]], build: (a) => a.sin(), range: [-4, 4] }],
  Cos: [{ shapes: [[7]], build: (a) => a.cos(), range: [-4, 4] }],
  Pow: [{ shapes: [[3, 4], [4]], build: (a, b) => a.pow(b), range: [0.5, 2] }],
  Where: [{ shapes: [[3, 4], [4]], build: (a, b) => a.lt(b).where(a.mul(2), b) }],
  MatMul: [
    {
      shapes: [
        [3, 5],
        [4, 5],
      ],
      build: (x, y) => x.matmulT(y),
    },
    {
      shapes: [
        [2, 3, 5],
        [2, 4, 5],
      ],
      build: (x, y) => x.matmulT(y),
    },
    {
      shapes: [
        [2, 3, 5],
        [4, 5],
      ],
      build: (x, y) => x.matmulT(y),
    },
    {
      shapes: [
        [3, 5],
        [2, 4, 5],
      ],
      build: (x, y) => x.matmulT(y),
    },
    {
      // Both factors shared by the batch, as a hand-made node may have it.
      shapes: [
        [3, 5],
        [4, 5],
      ],
      build: (x, y) => {
        const form = { B: 2, M: 3, N: 4, K: 5, xShared: true, yShared: true } as const
        return x.graph.emit('MatMul', 'f32', [x, y], { family: 'matmul', ...form }, [2, 3, 4])
      },
    },
    {
      shapes: [
        [2, 3, 5],
        [4, 5],
      ],
      build: (x, y) => {
        const form = { B: 2, M: 3, N: 4, K: 5, xShared: false, yShared: true } as const
        return x.graph.emit('MatMul', 'f32', [x, y], { family: 'matmul', ...form }, [2, 3, 4])
      },
    },
    { shapes: [[3, 3]], build: (x) => x.matmulT(x) },
  ],
  ReduceSum: [
    { shapes: [[3, 4]], build: (a) => a.sum([-1]) },
    { shapes: [[2, 3, 4]], build: (a) => a.sum([0, 2]).mul(a.sum([1, 2], true)) },
    { shapes: [[3, 4]], build: (a) => a.sum() },
  ],
  ReduceMax: [{ shapes: [[3, 4]], build: (a) => a.reduceMax([0]) }],
  ScatterAdd: [
    {
      shapes: [[2, 3, 5]],
      build: (g) => g.scatterAdd(g.graph.iota(10).rem(5).sub(1).reshape([2, 5]), 3),
    },
  ],
  Gather: [
    { shapes: [[4, 3]], build: (x) => x.gather(x.graph.iota(6).rem(3).reshape([2, 3])) },
    { shapes: [[2, 4, 3]], build: (x) => x.gather(x.graph.iota(4).rem(3).reshape([2, 2]), 1) },
  ],
  Move: [
    { shapes: [[2, 3, 4]], build: (a) => a.transpose([2, 0, 1]) },
    { shapes: [[5, 4]], build: (a) => a.slice(0, 1, 5, 2) },
    { shapes: [[2, 3]], build: (a) => a.pad(1, 1, 2, 9) },
    { shapes: [[2, 3]], build: (a) => a.flip(1) },
    { shapes: [[2, 1, 3]], build: (a) => a.expand([4, 2, 5, 3]) },
    { shapes: [[4, 3]], build: (a) => a.at(0, 2) },
    // Windows of 3 at stride 2, padded by 1 (im2col), and their reverse (a divisor).
    { shapes: [[7]], build: (a) => a.move([4, 3], [affine(-1, 1, [2, 1])]) },
    { shapes: [[4]], build: (a) => a.move([9], [affine(0, 2, [1])]) },
    { shapes: [[5]], build: (a) => a.move([4, 3], [affine(3, 3, [2, -1])]) },
    // A diagonal: one output axis in two input axes.
    { shapes: [[4, 4]], build: (a) => a.move([4], [along(0), along(0)]) },
    { shapes: [[4, 9]], build: (a) => a.move([4], [along(0), along(0, 2, 1)]) },
    {
      shapes: [[5, 7]],
      build: (a) => a.move([3, 4], [affine(0, 1, [1, 1]), affine(2, 1, [2, -1])]),
    },
    { shapes: [[3, 4]], build: (a) => a.move([2, 4], [fixed(1), along(1)]) },
    { shapes: [[3]], build: (a) => a.move([2], [fixed(7)]).add(a.sum()) },
  ],
  Concat: [
    {
      shapes: [
        [2, 1, 3],
        [2, 4, 3],
      ],
      build: (a, b) => Value.concat([a, b, a], 1),
    },
  ],
}

function affine(offset: number, divisor: number, coefficients: number[]) {
  return {
    offset,
    divisor,
    terms: coefficients.map((coefficient, axis) => ({ axis, coefficient })),
  }
}

const WITHOUT = ['Floor', 'Round', 'Rem', 'And', 'Or', 'Xor', 'Shl', 'Shr', 'Sar', 'Eq', 'Lt', 'Le']
const NOT_CONTINUOUS = [...WITHOUT, 'F2I', 'I2F', 'Bits', 'Unbits', 'Iota', 'Philox']

test('every operator has a gradient, or is known to have none', () => {
  const having = OPERATORS.filter(({ gradient }) => gradient !== undefined).map(({ name }) => name)
  expect(having.toSorted()).toEqual(Object.keys(CASES).toSorted())
  const all = [...having, ...NOT_CONTINUOUS]
  expect(all.toSorted()).toEqual(OPERATORS.map(({ name }) => name).toSorted())
})

describe.each(Object.entries(CASES))('%s', (_, cases) => {
  test.each(cases.map((it, i) => [i, it] as const))('gradient %i', (_i, it) => {
    expect(gradientError(it)).toBeLessThan(1e-7)
  })
})

test('one tensor under several shapes gets one gradient', () => {
  expect(
    gradientError({
      shapes: [[6]],
      build: (a) =>
        a
          .reshape([2, 3])
          .sum([0])
          .mul(a.reshape([3, 2]).sum([1]))
          .mul(a.reshape([2, 3])),
    }),
  ).toBeLessThan(1e-7)
})

test('what the loss does not depend on is refused', () => {
  const graph = new Graph()
  const [a, b] = [graph.state('a', 'f32', [2]), graph.state('b', 'f32', [2])]
  expect(() => gradients(a.sum(), [b])).toThrow('does not depend on state 1')
  expect(() => gradients(a.mul(a), [a])).toThrow('single f32')
})
