import { describe, expect, test } from 'vitest'
import { complaints, known, type OnnxCase } from '../../testing/onnxCase.ts'
import { randomFloats, randomInts, type Plain } from '../../testing/onnxModel.ts'
import { KnownTensor } from '../KnownTensor.ts'

const ints = (...values: number[]) => known(KnownTensor.ints(values))
const int = (value: number) => known(KnownTensor.ints([value], []))
const floats = (...values: number[]) => known(KnownTensor.floats(values))
const END = 2 ** 63

const m = randomFloats([3, 4])
const t = randomFloats([2, 3, 4])
const image = randomFloats([2, 4, 3, 5])
const whole = randomInts([3, 4], -9, 9)
const flags = randomInts([3, 4], 0, 1, 'bool')

const one = (
  op: string,
  inputs: OnnxCase['inputs'],
  attributes: Record<string, Plain> = {},
): OnnxCase => ({
  op,
  inputs,
  attributes,
})

const CASES: OnnxCase[] = [
  ...[[2, 6], [4, -1], [0, 2, 2], [-1], [1, 0, -1]].map((shape) => ({
    ...one('Reshape', [m, ints(...shape)]),
    nodes: 1,
  })),
  one('Flatten', [t]),
  one('Flatten', [t], { axis: -1 }),
  one('Flatten', [t], { axis: 3 }),
  one('Flatten', [t], { axis: 0 }),
  one('Squeeze', [randomFloats([1, 3, 1])]),
  one('Squeeze', [randomFloats([1, 3, 1]), ints(-1)]),
  one('Unsqueeze', [m, ints(0, -1)]),
  one('Transpose', [t]),
  { ...one('Transpose', [t], { perm: [1, 0, 2] }), nodes: 1 },
  { ...one('Transpose', [whole]), outputs: ['int64'] },
  { ...one('Expand', [randomFloats([3, 1]), ints(2, 1, 4)]), nodes: 1 },
  one('Expand', [t, ints(1)]),
  { ...one('Tile', [m, ints(2, 3)]), nodes: 1 },
  one('Tile', [t, ints(1, 2, 2)]),
  { ...one('Slice', [t, ints(0, 1), ints(2, 3), ints(1, 2)]), nodes: 1 },
  { ...one('Slice', [t, ints(1), ints(END), ints(-1), ints(2)]), nodes: 1 },
  { ...one('Slice', [t, ints(-1, 3), ints(-END, 0), ints(1, 2), ints(-1, -2)]), nodes: 1 },
  one('Slice', [t, ints(-100, -2, 0), ints(100, -1, 100)]),
  { ...one('Slice', [whole, ints(1), ints(3)]), outputs: ['int64'] },
  { ...one('Split', [t], { axis: -1 }), outputs: ['float', 'float'] },
  { ...one('Split', [m, ints(1, 3)], { axis: 1 }), outputs: ['float', 'float'] },
  { ...one('Split', [m], { num_outputs: 2 }), outputs: ['float', 'float'], opset: 18 },
  one('Concat', [t, randomFloats([2, 1, 4]), t], { axis: 1 }),
  one(
    'Concat',
    [m, floats(1, 2, 3, 4), m].map((it) =>
      'known' in it ? known(it.known.with({ dims: [1, 4] })) : it,
    ),
    { axis: -2 },
  ),
  { ...one('Pad', [m, ints(1, 0, 0, 2)]), nodes: 1 },
  one('Pad', [m, ints(1, 0, 0, 2), known(KnownTensor.floats([3], []))]),
  one('Pad', [m, ints(-1, 1, 2, -2)]),
  { ...one('Pad', [m, ints(1, 2), known(KnownTensor.floats([0], [])), ints(1)]), opset: 18 },
  one('Pad', [image, ints(0, 0, 1, 2, 0, 0, 2, 1)], { mode: 'reflect' }),
  one('Pad', [image, ints(0, 0, 1, 2, 0, 0, 2, 1)], { mode: 'edge' }),
  { ...one('Pad', [m, ints(1, 2, 2, 1)], { mode: 'wrap' }), opset: 19 },
  one('Trilu', [m]),
  one('Trilu', [m], { upper: 0 }),
  one('Trilu', [t, int(1)]),
  one('Trilu', [t, int(-1)], { upper: 0 }),
  { ...one('DepthToSpace', [image], { blocksize: 2 }), nodes: 1 },
  one('DepthToSpace', [image], { blocksize: 2, mode: 'CRD' }),
  one('SpaceToDepth', [randomFloats([1, 2, 4, 6])], { blocksize: 2 }),
  one('Identity', [m]),
  one('Dropout', [m]),
  { ...one('Cast', [m], { to: 7 }), outputs: ['int64'] },
  { ...one('Cast', [m], { to: 9 }), outputs: ['bool'] },
  one('Cast', [whole], { to: 1 }),
  one('Cast', [flags], { to: 1 }),
  { ...one('Cast', [whole], { to: 9 }), outputs: ['bool'] },
  one('Cast', [randomInts([5], 0, 255, 'uint8')], { to: 1 }),
  { ...one('CastLike', [m, whole]), outputs: ['int64'] },
  { ...one('Shape', [t], { start: 1 }), outputs: ['int64'] },
  { ...one('Size', [t]), outputs: ['int64'] },
  one('ConstantOfShape', [ints(2, 3)], { value: KnownTensor.floats([2.5]) }),
  { ...one('Range', [int(2), int(11), int(3)]), outputs: ['int64'] },
  { ...one('NonZero', [known(KnownTensor.ints([0, 3, 0, 4, 5, 0], [2, 3]))]), outputs: ['int64'] },
  one('EyeLike', [m], { k: 1 }),
  one('OneHot', [randomInts([2, 3], -3, 4), int(5), floats(-1, 2)]),
  one('OneHot', [randomInts([2, 3], 0, 4), int(5), floats(0, 1)], { axis: 1 }),
  one('Gather', [m, randomInts([2, 2], -3, 2)]),
  one('Gather', [m, randomInts([2, 2], 0, 3)], { axis: 1 }),
  one('Gather', [t, randomInts([3], -3, 2)], { axis: 1 }),
  { ...one('Gather', [t, int(-1)], { axis: 1 }), nodes: 1 },
  { ...one('Gather', [t, ints(0, 2)], { axis: 2 }), nodes: 1 },
  one('Gather', [t, ints(2, 0, 1, 1)], { axis: 2 }),
  { ...one('Gather', [whole, randomInts([2], 0, 2)]), outputs: ['int64'] },
  one('GatherElements', [m, randomInts([2, 4], -3, 2)]),
  one('GatherElements', [t, randomInts([2, 3, 2], 0, 3)], { axis: 2 }),
  one('GatherElements', [t, randomInts([2, 2, 4], 0, 2)], { axis: 1 }),
  one('GatherND', [t, randomInts([4, 2], 0, 1)]),
  one('GatherND', [t, randomInts([2, 5, 1], -3, 2)], { batch_dims: 1 }),
  one(
    'ScatterND',
    [t, ints(1, 0).known.with({ dims: [2, 1] }), randomFloats([2, 3, 4])].map((it) =>
      it.type === 'int64' ? known(it) : it,
    ),
  ),
  one('ScatterND', [m, KnownTensor.ints([2, 1, 0, 3], [2, 2]), randomFloats([2])]),
  {
    ...one('ScatterND', [m, KnownTensor.ints([1, 1], [2, 1]), randomFloats([2, 4])], {
      reduction: 'add',
    }),
    opset: 18,
    absolute: 2 ** -22,
  },
  one('ScatterElements', [m, KnownTensor.ints([1, 0, 2, 0], [1, 4]), randomFloats([1, 4])]),
  one('ScatterElements', [t, KnownTensor.ints([3, 0, -2, 1], [1, 2, 2]), randomFloats([1, 2, 2])], {
    axis: 2,
  }),
  {
    ...one('ScatterElements', [m, KnownTensor.ints([1, 1, 2, 0], [2, 2]), randomFloats([2, 2])], {
      axis: 1,
      reduction: 'add',
    }),
    opset: 18,
    absolute: 2 ** -22,
  },
]

describe('operators that copy elements give the bits of ONNX Runtime', () => {
  test.each(CASES.map((it, i): [string, OnnxCase] => [`${it.op} ${i}`, it]))(
    '%s',
    async (_, it) => {
      expect(await complaints(it)).toEqual([])
    },
  )
})
