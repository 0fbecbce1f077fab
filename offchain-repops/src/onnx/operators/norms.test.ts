import { describe, expect, test } from 'vitest'
import { complaints, known, type OnnxCase } from '../../testing/onnxCase.ts'
import { f, randomFloats, randomInts } from '../../testing/onnxModel.ts'
import { KnownTensor } from '../KnownTensor.ts'

const r = (...dims: number[]): KnownTensor =>
  randomFloats(dims, { seed: dims.length + dims[0], least: -1, most: 1 })
const w = (...dims: number[]) => known(r(...dims))

const positive = known(randomFloats([3], { least: 0.5, most: 2 }))

const NORMS: OnnxCase[] = [
  { op: 'LayerNormalization', inputs: [r(2, 3, 8), w(8), w(8)], nodes: 8 },
  {
    op: 'LayerNormalization',
    inputs: [r(2, 3, 8), w(3, 8)],
    attributes: { axis: 1, epsilon: f(0.01) },
  },
  {
    op: 'LayerNormalization',
    inputs: [r(2, 3, 8), w(8), w(8)],
    outputs: ['float', 'float', 'float'],
  },
  { op: 'RMSNormalization', inputs: [r(2, 3, 8), w(8)], opset: 23, nodes: 6 },
  { op: 'RMSNormalization', inputs: [r(2, 3, 8), w(3, 8)], attributes: { axis: 1 }, opset: 23 },
  { op: 'SimplifiedLayerNormalization', inputs: [r(2, 3, 8), w(8)] },
  { op: 'BatchNormalization', inputs: [r(2, 3, 4, 5), w(3), w(3), w(3), positive], nodes: 1 },
  {
    op: 'BatchNormalization',
    inputs: [r(2, 3), w(3), w(3), w(3), positive],
    attributes: { epsilon: f(0.1) },
  },
  { op: 'InstanceNormalization', inputs: [r(2, 3, 4, 5), w(3), w(3)] },
  {
    op: 'GroupNormalization',
    inputs: [r(2, 4, 3, 3), w(4), w(4)],
    attributes: { num_groups: 2 },
    opset: 21,
  },
  {
    op: 'GroupNormalization',
    inputs: [r(2, 4, 3), w(2), w(2)],
    attributes: { num_groups: 2 },
    opset: 18,
  },
  {
    op: 'LRN',
    inputs: [r(2, 5, 3, 3)],
    attributes: { size: 3, alpha: f(0.5), beta: f(0.6), bias: f(2) },
  },
  { op: 'LRN', inputs: [r(2, 6, 3, 3)], attributes: { size: 5, alpha: f(0.5) } },
  { op: 'LpNormalization', inputs: [r(3, 4)], attributes: { axis: 0 } },
  { op: 'LpNormalization', inputs: [r(3, 4)], attributes: { p: 1 } },
  { op: 'MeanVarianceNormalization', inputs: [r(2, 3, 4, 5)] },
  {
    op: 'SkipLayerNormalization',
    inputs: [r(2, 3, 8), r(2, 3, 8), w(8), w(8), w(8)],
    domain: 'com.microsoft',
  },
  {
    op: 'SkipSimplifiedLayerNormalization',
    inputs: [r(2, 3, 8), r(2, 3, 8), w(8)],
    domain: 'com.microsoft',
  },
]

const none = undefined
const q4 = r(2, 4, 3, 8)
const k4 = randomFloats([2, 2, 5, 8], { seed: 8 })
const v4 = randomFloats([2, 2, 5, 6], { seed: 9 })
const q3 = randomFloats([2, 5, 16], { seed: 10 })
const k3 = randomFloats([2, 5, 16], { seed: 11 })
const mask = known(
  KnownTensor.ints([1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1], [3, 5]).cast('bool'),
)
const bias = randomFloats([2, 1, 3, 5], { seed: 12 })
const heads = { q_num_heads: 4, kv_num_heads: 4 }
const cos = known(randomFloats([7, 4], { seed: 13, least: -1, most: 1 }))
const sin = known(randomFloats([7, 4], { seed: 14, least: -1, most: 1 }))
const places = randomInts([2, 5], 0, 6)
const ATTENTION: OnnxCase[] = [
  { op: 'Attention', inputs: [q4, k4, v4] },
  { op: 'Attention', inputs: [q4, k4, v4, mask] },
  { op: 'Attention', inputs: [q4, k4, v4, bias], attributes: { scale: f(0.2), softcap: f(1.5) } },
  { op: 'Attention', inputs: [q3, k3, k3], attributes: { ...heads, is_causal: 1 } },
  {
    op: 'Attention',
    inputs: [q3, k3, k3, none, randomFloats([2, 4, 2, 4]), randomFloats([2, 4, 2, 4])],
    attributes: heads,
    outputs: ['float', 'float', 'float'],
  },
  {
    op: 'Attention',
    inputs: [q4, k4, v4, bias],
    attributes: { qk_matmul_output_mode: 0 },
    outputs: ['float', 'float', 'float', 'float'],
  },
  { op: 'RotaryEmbedding', inputs: [randomFloats([2, 3, 5, 8]), cos, sin, places] },
  {
    op: 'RotaryEmbedding',
    inputs: [randomFloats([2, 3, 5, 8]), cos, sin, places],
    attributes: { interleaved: 1 },
  },
  {
    op: 'RotaryEmbedding',
    inputs: [randomFloats([2, 5, 24]), cos, sin, places],
    attributes: { num_heads: 3 },
  },
  {
    op: 'RotaryEmbedding',
    inputs: [randomFloats([2, 3, 5, 12]), cos, sin, places],
    attributes: { rotary_embedding_dim: 8 },
  },
]

// Sums of n ≤ 700 products of size 1 or less in another order, then at most a few operations on them: the errors
// are random and stay far below n · 2^-24; 2^-19 is 32 ULP of 1.
const close = (cases: readonly OnnxCase[]): [string, OnnxCase][] =>
  cases.map((it, i) => [`${it.op} ${i}`, { absolute: 2 ** -19, relative: 2 ** -19, ...it }])

describe.each([
  ['norms', NORMS],
  ['attention', ATTENTION.map((it) => ({ opset: 23, ...it }))],
])('%s agree with ONNX Runtime', (_, cases) => {
  test.each(close(cases))('%s', async (_title, it) => {
    expect(await complaints(it)).toEqual([])
  })
})
