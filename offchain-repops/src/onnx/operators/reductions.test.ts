import { describe, expect, test } from 'vitest'
import { complaints, known, type OnnxCase } from '../../testing/onnxCase.ts'
import { randomFloats, randomInts } from '../../testing/onnxModel.ts'
import { KnownTensor } from '../KnownTensor.ts'

const x = randomFloats([2, 3, 5])
const positive = randomFloats([2, 3, 5], { least: 0.5, most: 1.5 })
const long = randomFloats([3, 1000])
const ties = randomInts([4, 7], 0, 2, 'float')
const whole = randomInts([2, 6], -9, 9)
const ints = (...values: number[]) => known(KnownTensor.ints(values))
const int = (value: number) => known(KnownTensor.ints([value], []))

const EXACT: OnnxCase[] = [
  ...['ReduceMax', 'ReduceMin'].flatMap((op): OnnxCase[] => [
    { op, inputs: [x], attributes: { axes: [1] } },
    { op, inputs: [x], attributes: { axes: [-1, 0], keepdims: 0 } },
    { op, inputs: [x, ints(0)], opset: 18 },
    { op, inputs: [whole], outputs: ['int64'] },
  ]),
  { op: 'ReduceSum', inputs: [whole, ints(1)], outputs: ['int64'] },
  { op: 'ReduceSum', inputs: [x], attributes: { noop_with_empty_axes: 1 } },
  { op: 'ReduceProd', inputs: [whole], attributes: { axes: [1] }, outputs: ['int64'] },
  ...['ArgMax', 'ArgMin'].flatMap((op): OnnxCase[] => [
    { op, inputs: [ties], outputs: ['int64'] },
    { op, inputs: [ties], attributes: { axis: 1, keepdims: 0 }, outputs: ['int64'] },
    { op, inputs: [ties], attributes: { axis: -1, select_last_index: 1 }, outputs: ['int64'] },
    { op, inputs: [x], attributes: { axis: 1 }, outputs: ['int64'] },
  ]),
  { op: 'TopK', inputs: [x, ints(3)], outputs: ['float', 'int64'] },
  { op: 'TopK', inputs: [ties, ints(4)], outputs: ['float', 'int64'] },
  {
    op: 'TopK',
    inputs: [x, ints(2)],
    attributes: { axis: 1, largest: 0 },
    outputs: ['float', 'int64'],
  },
  ...[{}, { exclusive: 1 }, { reverse: 1 }, { exclusive: 1, reverse: 1 }].map(
    (attributes): OnnxCase => ({
      op: 'CumSum',
      inputs: [whole, int(1)],
      attributes,
      outputs: ['int64'],
    }),
  ),
]

// Sums of n terms of size 2 or so in another order: n · 2^-24 · 2 at most, far less in fact.
const CLOSE: OnnxCase[] = [
  ...[
    'ReduceSum',
    'ReduceMean',
    'ReduceL1',
    'ReduceL2',
    'ReduceSumSquare',
    'ReduceLogSumExp',
    'ReduceProd',
    'ReduceLogSum',
  ].flatMap((op): OnnxCase[] => {
    const input = op === 'ReduceLogSum' ? positive : x
    const modern = op === 'ReduceSum' ? 13 : 18
    return [
      { op, inputs: [input, ints(1, 2)], opset: modern },
      { op, inputs: [input, ints(0)], opset: modern, attributes: { keepdims: 0 } },
      { op, inputs: [input] },
    ]
  }),
  { op: 'ReduceMean', inputs: [long], attributes: { axes: [1] } },
  { op: 'ReduceSum', inputs: [long, ints(-1)], absolute: 1000 * 2 ** -24 },
  {
    op: 'ReduceLogSumExp',
    inputs: [KnownTensor.floats([-200, -201, 90, 91, -Infinity, -Infinity], [3, 2])],
    attributes: { axes: [1] },
  },
  { op: 'CumSum', inputs: [x, int(2)] },
  { op: 'CumSum', inputs: [x, int(1)], attributes: { exclusive: 1, reverse: 1 } },
].map((it) => ({ absolute: 2 ** -20, relative: 2 ** -20, ...it }))

const titled = (cases: readonly OnnxCase[]): [string, OnnxCase][] =>
  cases.map((it, i) => [`${it.op} ${i}`, it])

describe('selections and sums of whole numbers give the bits of ONNX Runtime', () => {
  test.each(titled(EXACT))('%s', async (_, it) => {
    expect(await complaints(it)).toEqual([])
  })
})

describe('reductions agree with ONNX Runtime', () => {
  test.each(titled(CLOSE))('%s', async (_, it) => {
    expect(await complaints(it)).toEqual([])
  })
})
