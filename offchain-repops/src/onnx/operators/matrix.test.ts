import { describe, expect, test } from 'vitest'
import { complaints, known, type OnnxCase } from '../../testing/onnxCase.ts'
import { f, randomFloats } from '../../testing/onnxModel.ts'
import { KnownTensor } from '../KnownTensor.ts'

const r = (...dims: number[]): KnownTensor =>
  randomFloats(dims, { seed: dims.length + dims[0], least: -1, most: 1 })
const w = (...dims: number[]) => known(r(...dims))

const PRODUCTS: OnnxCase[] = [
  { op: 'MatMul', inputs: [r(3, 4), w(4, 5)], nodes: 1 },
  { op: 'MatMul', inputs: [r(2, 3, 4), w(4, 5)], nodes: 1 },
  { op: 'MatMul', inputs: [r(2, 3, 4), r(2, 4, 5)], nodes: 2 },
  { op: 'MatMul', inputs: [r(3, 4), r(2, 4, 5)] },
  { op: 'MatMul', inputs: [r(2, 1, 3, 4), r(1, 3, 4, 5)] },
  { op: 'MatMul', inputs: [r(1, 3, 4), r(2, 2, 4, 5)] },
  { op: 'MatMul', inputs: [r(4), r(4, 5)] },
  { op: 'MatMul', inputs: [r(2, 3, 4), r(4)] },
  { op: 'MatMul', inputs: [r(4), r(4)] },
  { op: 'MatMul', inputs: [r(4), r(2, 4, 5)] },
  { op: 'MatMul', inputs: [r(2, 700), w(700, 3)] },
  { op: 'Gemm', inputs: [r(3, 4), w(4, 5)], nodes: 1 },
  { op: 'Gemm', inputs: [r(3, 4), w(5, 4), w(5)], attributes: { transB: 1 }, nodes: 2 },
  {
    op: 'Gemm',
    inputs: [r(4, 3), r(5, 4), r(3, 1)],
    attributes: { transA: 1, transB: 1, alpha: f(0.5), beta: f(2) },
  },
  { op: 'Gemm', inputs: [r(3, 4), r(4, 5), r(1, 5)], attributes: { alpha: f(1.5), beta: f(0) } },
  ...(
    [
      ['bij,bjk->bik', [2, 3, 4], [2, 4, 5]],
      ['ij,jk', [3, 4], [4, 5]],
      ['bhid,bhjd->bhij', [2, 3, 4, 5], [2, 3, 6, 5]],
      ['bthd,bshd->bhts', [2, 3, 2, 4], [2, 5, 2, 4]],
      ['i,j->ij', [3], [4]],
      ['ij->ji', [3, 4]],
      ['ii->i', [3, 3]],
      ['ij->', [3, 4]],
      ['...ij,...jk->...ik', [2, 3, 4], [2, 4, 5]],
      ['bij,b->ij', [2, 3, 4], [2]],
      ['ij,jk,kl->il', [2, 3], [3, 4], [4, 5]],
    ] as [string, ...number[][]][]
  ).map(([equation, ...shapes]) => ({
    op: 'Einsum',
    inputs: shapes.map((shape) => r(...shape)),
    attributes: { equation },
  })),
  {
    op: 'FusedMatMul',
    inputs: [r(2, 3, 4), r(2, 5, 4)],
    attributes: { transB: 1, alpha: f(0.25) },
    domain: 'com.microsoft',
  },
  { op: 'Conv', inputs: [r(2, 3, 8), w(4, 3, 3), w(4)], nodes: 3 },
  { op: 'Conv', inputs: [r(2, 3, 7, 6), w(4, 3, 3, 3)], attributes: { pads: [1, 1, 1, 1] } },
  {
    op: 'Conv',
    inputs: [r(1, 4, 7, 6), w(6, 2, 3, 2), w(6)],
    attributes: { group: 2, strides: [2, 1], pads: [0, 1, 2, 0] },
  },
  {
    op: 'Conv',
    inputs: [r(2, 4, 7, 6), w(4, 1, 3, 3), w(4)],
    attributes: { group: 4, dilations: [2, 2] },
  },
  {
    op: 'Conv',
    inputs: [r(1, 2, 7, 5), w(3, 2, 3, 3)],
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
  },
  { op: 'Conv', inputs: [r(1, 2, 6, 5), w(3, 2, 2, 3)], attributes: { auto_pad: 'SAME_LOWER' } },
  {
    op: 'Conv',
    inputs: [r(1, 2, 6, 5), w(3, 2, 2, 3)],
    attributes: { auto_pad: 'VALID', kernel_shape: [2, 3] },
  },
  { op: 'Conv', inputs: [r(1, 5, 4, 4), w(2, 5, 1, 1)] },
  {
    op: 'Conv',
    inputs: [r(1, 2, 4, 5, 3), w(3, 2, 2, 2, 2)],
    attributes: { pads: [1, 0, 1, 0, 1, 0] },
  },
  { op: 'ConvTranspose', inputs: [r(1, 3, 4), w(3, 2, 3), w(2)] },
  {
    op: 'ConvTranspose',
    inputs: [r(2, 3, 4, 3), w(3, 2, 3, 3), w(2)],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
  },
  {
    op: 'ConvTranspose',
    inputs: [r(1, 4, 3, 3), w(4, 2, 2, 2)],
    attributes: { group: 2, strides: [3, 2], dilations: [1, 2] },
  },
  {
    op: 'ConvTranspose',
    inputs: [r(1, 2, 3, 3), w(2, 1, 3, 3)],
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
]

const POOLS: OnnxCase[] = [
  { op: 'MaxPool', inputs: [r(2, 3, 7)], attributes: { kernel_shape: [3], strides: [2] } },
  {
    op: 'MaxPool',
    inputs: [r(1, 2, 7, 6)],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] },
    nodes: 2,
  },
  {
    op: 'MaxPool',
    inputs: [r(1, 2, 7, 6)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
  },
  {
    op: 'MaxPool',
    inputs: [r(1, 2, 8, 8)],
    attributes: { kernel_shape: [2, 2], dilations: [2, 3] },
  },
  {
    op: 'MaxPool',
    inputs: [r(1, 2, 7, 6)],
    attributes: { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER', strides: [2, 2] },
  },
  { op: 'AveragePool', inputs: [r(1, 2, 7, 6)], attributes: { kernel_shape: [2, 3] } },
  {
    op: 'AveragePool',
    inputs: [r(1, 2, 7, 6)],
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] },
  },
  {
    op: 'AveragePool',
    inputs: [r(1, 2, 7, 6)],
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
  },
  {
    op: 'AveragePool',
    inputs: [r(1, 2, 7, 6)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
    opset: 19,
  },
  { op: 'LpPool', inputs: [r(1, 2, 7, 6)], attributes: { kernel_shape: [2, 3] } },
  { op: 'GlobalAveragePool', inputs: [r(2, 3, 7, 6)], nodes: 2 },
  { op: 'GlobalMaxPool', inputs: [r(2, 3, 7, 6)], nodes: 1 },
]

const image = r(1, 2, 4, 5)
const none = undefined
const scales = (...values: number[]) => known(KnownTensor.floats(values))
const sizes = (...values: number[]) => known(KnownTensor.ints(values))
const RESIZES: OnnxCase[] = [
  { op: 'Resize', inputs: [image, none, scales(1, 1, 2, 3)], nodes: 2 },
  // Sizes that scales leave a fraction of: where they decide, as ONNX Runtime does.
  ...[
    ['nearest', 'half_pixel'],
    ['nearest', 'align_corners'],
    ['nearest', 'asymmetric'],
    ['linear', 'half_pixel_symmetric'],
    ['linear', 'align_corners'],
  ].map(
    ([mode, coordinates]): OnnxCase => ({
      op: 'Resize',
      inputs: [r(1, 1, 7, 6), none, scales(1, 1, 0.6, 1.3)],
      attributes: { mode, coordinate_transformation_mode: coordinates },
      opset: 19,
    }),
  ),
  ...['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'].flatMap(
    (mode): OnnxCase[] => {
      const attributes = { coordinate_transformation_mode: mode }
      return [
        {
          op: 'Resize',
          inputs: [image, none, none, sizes(1, 2, 7, 3)],
          attributes: { ...attributes, nearest_mode: 'floor' },
        },
        {
          op: 'Resize',
          inputs: [image, none, none, sizes(1, 2, 3, 11)],
          attributes: { ...attributes, nearest_mode: 'round_prefer_ceil' },
        },
        {
          op: 'Resize',
          inputs: [image, none, scales(1, 1, 2.5, 1.6)],
          attributes: { ...attributes, mode: 'linear' },
          nodes: 2,
        },
        {
          op: 'Resize',
          inputs: [image, none, none, sizes(1, 2, 3, 7)],
          attributes: { ...attributes, mode: 'linear' },
        },
        {
          op: 'Resize',
          inputs: [image, none, none, sizes(1, 2, 7, 4)],
          attributes: { ...attributes, mode: 'cubic' },
        },
      ]
    },
  ),
  {
    op: 'Resize',
    inputs: [image, none, none, sizes(1, 2, 7, 4)],
    attributes: { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: f(-0.5) },
  },
  {
    op: 'Resize',
    inputs: [image, none, none, sizes(6, 9)],
    attributes: { mode: 'linear', axes: [2, 3] },
    opset: 18,
  },
  { op: 'Resize', inputs: [r(1, 2, 6), none, scales(1, 1, 2)], attributes: { mode: 'linear' } },
]

// Sums of n ≤ 700 products of size 1 or less in another order, then at most a few operations on them: the errors
// are random and stay far below n · 2^-24; 2^-19 is 32 ULP of 1.
const close = (cases: readonly OnnxCase[]): [string, OnnxCase][] =>
  cases.map((it, i) => [`${it.op} ${i}`, { absolute: 2 ** -19, relative: 2 ** -19, ...it }])

describe.each([
  ['products and convolutions', PRODUCTS],
  ['pools', POOLS],
  ['resizing', RESIZES],
])('%s agree with ONNX Runtime', (_, cases) => {
  test.each(close(cases))('%s', async (_title, it) => {
    expect(await complaints(it)).toEqual([])
  })
})
