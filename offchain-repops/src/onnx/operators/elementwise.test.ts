import { describe, expect, test } from 'vitest'
import { complaints, known, type OnnxCase } from '../../testing/onnxCase.ts'
import { f, randomFloats, randomInts } from '../../testing/onnxModel.ts'
import { KnownTensor } from '../KnownTensor.ts'

const x = randomFloats([3, 4])
const y = randomFloats([3, 4], { seed: 3 })
const row = randomFloats([4], { seed: 4 })
const positive = randomFloats([3, 4], { least: 0.1, most: 3 })
const special = KnownTensor.floats([
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  Infinity,
  -Infinity,
  NaN,
])
const wide = KnownTensor.floats([-100, -20, -5, -1e-3, -1e-20, 0, 1e-20, 1e-3, 5, 20, 80, 200])
const ints = randomInts([3, 4], -9, 9)
const divisors = randomInts([3, 4], 1, 5)
const truth = randomInts([3, 4], 0, 1, 'bool')
const others = randomInts([4], 0, 1, 'bool')

// IEEE operations that round once, comparisons and selections agree bit for bit.
const EXACT: OnnxCase[] = [
  ...['Add', 'Sub', 'Mul', 'Div'].flatMap((op): OnnxCase[] => [
    { op, inputs: [x, y], nodes: 1 },
    { op, inputs: [x, row] },
    { op, inputs: [row, x] },
    { op, inputs: [x, known(KnownTensor.floats([3], []))], nodes: 1 },
    { op, inputs: [ints, divisors], outputs: ['int64'] },
  ]),
  ...['Neg', 'Abs', 'Floor', 'Ceil', 'Round', 'Sign', 'Relu'].map((op) => ({
    op,
    inputs: [special],
  })),
  ...['Neg', 'Abs', 'Sign'].map((op): OnnxCase => ({ op, inputs: [ints], outputs: ['int64'] })),
  { op: 'Sqrt', inputs: [positive], nodes: 1 },
  { op: 'Reciprocal', inputs: [x] },
  { op: 'Pow', inputs: [x, known(KnownTensor.floats([2], []))], nodes: 1 },
  { op: 'Pow', inputs: [positive, known(KnownTensor.floats([0.5], []))], nodes: 1 },
  { op: 'Pow', inputs: [ints, known(KnownTensor.ints([3], []))], outputs: ['int64'] },
  { op: 'Min', inputs: [x, y, row] },
  { op: 'Max', inputs: [x, y, row] },
  { op: 'Max', inputs: [ints, divisors], outputs: ['int64'] },
  { op: 'Sum', inputs: [x, y, row] },
  { op: 'Mean', inputs: [x, y] },
  {
    op: 'Clip',
    inputs: [x, known(KnownTensor.floats([-0.5], [])), known(KnownTensor.floats([1], []))],
    nodes: 2,
  },
  { op: 'Clip', inputs: [x, undefined, known(KnownTensor.floats([1], []))], nodes: 1 },
  { op: 'Mod', inputs: [ints, divisors], outputs: ['int64'] },
  { op: 'Mod', inputs: [divisors, randomInts([3, 4], -5, -1)], outputs: ['int64'] },
  { op: 'Mod', inputs: [ints, divisors], attributes: { fmod: 1 }, outputs: ['int64'] },
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].flatMap((op): OnnxCase[] => [
    { op, inputs: [special, known(KnownTensor.floats([0.5], []))], outputs: ['bool'], nodes: 1 },
    { op, inputs: [ints, randomInts([4], -3, 3)], outputs: ['bool'] },
  ]),
  ...['And', 'Or', 'Xor'].map(
    (op): OnnxCase => ({ op, inputs: [truth, others], outputs: ['bool'], nodes: 1 }),
  ),
  { op: 'Not', inputs: [truth], outputs: ['bool'] },
  { op: 'Equal', inputs: [truth, others], outputs: ['bool'], opset: 19 },
  { op: 'Where', inputs: [truth, x, row], nodes: 1 },
  { op: 'Where', inputs: [truth, ints, divisors], outputs: ['int64'] },
  { op: 'IsNaN', inputs: [special], outputs: ['bool'] },
  { op: 'IsInf', inputs: [special], outputs: ['bool'] },
  { op: 'IsInf', inputs: [special], attributes: { detect_negative: 0 }, outputs: ['bool'] },
  { op: 'BitwiseAnd', inputs: [ints, divisors], outputs: ['int64'], opset: 18 },
  { op: 'BitwiseXor', inputs: [ints, divisors], outputs: ['int64'], opset: 18 },
  { op: 'LeakyRelu', inputs: [x], attributes: { alpha: f(0.1) }, nodes: 2 },
  { op: 'LeakyRelu', inputs: [x], attributes: { alpha: f(-0.5) } },
  { op: 'PRelu', inputs: [x, row] },
  { op: 'ThresholdedRelu', inputs: [x], attributes: { alpha: f(0.7) } },
  { op: 'Shrink', inputs: [x], attributes: { lambd: f(0.5), bias: f(0.25) } },
  { op: 'Hardmax', inputs: [randomInts([4, 5], 0, 2, 'float')] },
  { op: 'Hardmax', inputs: [randomInts([4, 5], 0, 2, 'float')], attributes: { axis: 0 } },
]

// Transcendentals: at most 1 ULP off here, some ULP there, a few operations more: 16 ULP = 2^-20 of the result;
// where the result is a difference of about 1, of that.
const CLOSE: OnnxCase[] = [
  ...['Exp', 'Log', 'Sin', 'Cos', 'Tan', 'Tanh', 'Erf', 'Sigmoid', 'Softplus', 'Softsign'].map(
    (op) => ({
      op,
      inputs: [op === 'Log' ? positive : x],
    }),
  ),
  ...['Tanh', 'Erf', 'Sigmoid', 'Softplus'].map((op) => ({ op, inputs: [wide] })),
  { op: 'Cosh', inputs: [x] },
  { op: 'Pow', inputs: [positive, row] },
  { op: 'Pow', inputs: [positive, known(KnownTensor.floats([-0.5], []))] },
  {
    op: 'Mod',
    inputs: [x, known(KnownTensor.floats([Infinity]))],
    attributes: { fmod: 1 },
  },
  { op: 'Mod', inputs: [x, positive], attributes: { fmod: 1 } },
  { op: 'Elu', inputs: [wide], attributes: { alpha: f(1.3) } },
  { op: 'Selu', inputs: [wide] },
  { op: 'Celu', inputs: [wide], attributes: { alpha: f(0.7) } },
  { op: 'HardSigmoid', inputs: [x] },
  { op: 'HardSigmoid', inputs: [x], attributes: { alpha: f(0.3), beta: f(0.4) } },
  { op: 'HardSwish', inputs: [x] },
  { op: 'Mish', inputs: [wide], opset: 18 },
  { op: 'Gelu', inputs: [x], opset: 20 },
  { op: 'Gelu', inputs: [x], opset: 20, attributes: { approximate: 'tanh' } },
  ...['Softmax', 'LogSoftmax'].flatMap((op): OnnxCase[] => [
    { op, inputs: [x] },
    { op, inputs: [randomFloats([2, 3, 4])], attributes: { axis: 1 } },
    { op, inputs: [wide] },
  ]),
  { op: 'Gelu', inputs: [x], domain: 'com.microsoft' },
  { op: 'FastGelu', inputs: [x, row], domain: 'com.microsoft' },
  { op: 'BiasGelu', inputs: [x, row], domain: 'com.microsoft' },
  { op: 'QuickGelu', inputs: [x], domain: 'com.microsoft' },
].map((it) => ({ absolute: 2 ** -20, relative: 2 ** -20, ...it }))

const titled = (cases: readonly OnnxCase[]): [string, OnnxCase][] =>
  cases.map((it, i) => [`${it.op} ${i}`, it])

describe('operators that round once give the bits of ONNX Runtime', () => {
  test.each(titled(EXACT))('%s', async (_, it) => {
    expect(await complaints(it)).toEqual([])
  })
})

describe('functions agree with ONNX Runtime', () => {
  test.each(titled(CLOSE))('%s', async (_, it) => {
    expect(await complaints(it)).toEqual([])
  })
})
