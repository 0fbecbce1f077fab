import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Graph } from '../build/Graph.ts'
import { f, onnxModel, randomFloats } from '../testing/onnxModel.ts'
import { Tensor } from '../tensor.ts'
import { importOnnx } from './importOnnx.ts'
import { onnxProgram } from './inference.ts'
import { KnownTensor } from './KnownTensor.ts'
import { OnnxError, type OnnxFault } from './OnnxError.ts'
import type { OnnxModel } from './OnnxModel.ts'
import { encodeMessage } from './protobuf.ts'
import { readOnnx, readOnnxFile } from './readOnnx.ts'
import { EXTERNAL, type Draft } from './schema.ts'
import { writeOnnx } from './writeOnnx.ts'

const folder = mkdtempSync(join(tmpdir(), 'onnx-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const linear = (changes: Partial<Parameters<typeof onnxModel>[0]> = {}): OnnxModel =>
  onnxModel({
    inputs: { x: ['float', 2, 3] },
    outputs: ['y'],
    nodes: [['MatMul', ['x', 'w'], ['y']]],
    initialisers: { w: randomFloats([3, 4]) },
    ...changes,
  })

/** Bytes of a model of one Identity whose weight is this message. */
function withTensor(tensor: Draft<'Tensor'>): Uint8Array {
  const type = { tensorType: { elemType: 1 } }
  return encodeMessage('Model', {
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      node: [{ opType: 'Identity', input: ['w'], output: ['y'] }],
      initializer: [{ name: 'w', ...tensor }],
      output: [{ name: 'y', type }],
    },
  })
}

const external = (entries: Record<string, string>): Draft<'Tensor'> => ({
  dims: [4],
  dataType: 1,
  dataLocation: EXTERNAL,
  externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
})

function opened(name: string, bytes: Uint8Array): OnnxModel {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return readOnnxFile(path)
}

const whole = writeOnnx(linear())

describe('files that are no model are refused in one line', () => {
  const files: [string, OnnxFault, () => unknown, string][] = [
    ['nothing', 'malformed', () => readOnnx(new Uint8Array()), 'no graph in the model (0 bytes)'],
    [
      'text',
      'malformed',
      () => readOnnx(new TextEncoder().encode('{"model": 1}')),
      'truncated or no ONNX model',
    ],
    ['half of it', 'malformed', () => readOnnx(whole.subarray(0, whole.length / 2)), 'truncated'],
    [
      'a corrupt length',
      'malformed',
      () => readOnnx(Uint8Array.of(58, 255, 255, 3, 1)),
      'are announced where',
    ],
    [
      'a name longer than its graph',
      'malformed',
      () => readOnnx(Uint8Array.of(58, 3, 18, 10, ...new Uint8Array(20).fill(65))),
      'Graph.name passes the end of its message',
    ],
    [
      'raw data too short',
      'malformed',
      () => readOnnx(withTensor({ dims: [3], dataType: 1, rawData: new Uint8Array(8) })),
      'tensor "w" takes 12 bytes (3 of float), 8 are there',
    ],
    [
      'typed data too short',
      'malformed',
      () => readOnnx(withTensor({ dims: [3], dataType: 1, floatData: [1] })),
      'takes 3 elements of float, 1 are there',
    ],
    [
      'a negative dim',
      'malformed',
      () => readOnnx(withTensor({ dims: [-3], dataType: 1 })),
      'shape [-3]',
    ],
    [
      'a quantised weight',
      'unsupported',
      () => readOnnx(withTensor({ dims: [3], dataType: 22, rawData: new Uint8Array(2) })),
      'elements of type int4',
    ],
    [
      'strings',
      'unsupported',
      () => readOnnx(withTensor({ dims: [1], dataType: 8 })),
      'elements of type string',
    ],
    [
      'an unknown type',
      'malformed',
      () => readOnnx(withTensor({ dims: [1], dataType: 99 })),
      'elements of type 99',
    ],
    [
      'data of another file',
      'input',
      () => readOnnx(withTensor(external({ location: 'w.bin' }))),
      'open the model by its path',
    ],
    [
      'data outside',
      'weights',
      () => opened('out.onnx', withTensor(external({ location: '../w.bin' }))),
      'not beside the model',
    ],
    [
      'data elsewhere',
      'weights',
      () => opened('abs.onnx', withTensor(external({ location: '/etc/passwd' }))),
      'not beside the model',
    ],
    [
      'data that is not there',
      'weights',
      () => opened('no.onnx', withTensor(external({ location: 'none.bin' }))),
      'none.bin" cannot be read',
    ],
    [
      'a strange offset',
      'malformed',
      () => opened('off.onnx', withTensor(external({ location: 'w.bin', offset: '-4' }))),
      'the offset "-4"',
    ],
  ]
  test.each(files)('%s', (_, fault, read, message) => {
    expectError(read, fault, message)
  })
  test('weights in a file of their own are read, and missed where it is truncated', () => {
    const bytes = withTensor(external({ location: 'w.bin', offset: '4', length: '16' }))
    const values = Float32Array.of(9, 1, 2, 3, 4)
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(values.buffer))
    expect([...opened('w.onnx', bytes).graph.initialisers.get('w')!.data]).toEqual([1, 2, 3, 4])
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(values.buffer, 0, 19))
    expectError(
      () => opened('w.onnx', bytes),
      'weights',
      '"w.bin" is truncated: it has 19 bytes, 20 are wanted',
    )
  })
})

describe('models that cannot be lowered are refused in one line', () => {
  const open = linear({ inputs: { x: ['float', 'batch', 3], mask: ['float', 'batch', 'length'] } })
  const two = { inputs: { x: ['float', 2, 2] } } as const
  const models: [string, OnnxFault, OnnxModel, string][] = [
    [
      'an unknown operator',
      'unsupported',
      linear({ nodes: [['LSTM', ['x', 'w'], ['y']]] }),
      'LSTM (node LSTM y, opset 17): this operator is not supported',
    ],
    [
      'a strange domain',
      'unsupported',
      linear({ nodes: [['Fancy', ['x'], ['y'], {}, 'my.ops']] }),
      'my.ops.Fancy (node Fancy y, opset 0): this operator',
    ],
    [
      'a name of objects',
      'unsupported',
      linear({ nodes: [['constructor', ['x'], ['y']]] }),
      'this operator is not supported',
    ],
    ['an old opset', 'unsupported', linear({ opset: 9 }), 'opset 9; 13 to 28 are supported'],
    ['a future opset', 'unsupported', linear({ opset: 99 }), 'opset 99; 13 to 28 are supported'],
    [
      'a missing weight',
      'malformed',
      linear({ initialisers: {} }),
      'MatMul (node MatMul y) reads "w", which is no input',
    ],
    [
      'shapes that do not fit',
      'malformed',
      linear({ initialisers: { w: randomFloats([5, 4]) } }),
      'MatMul (node MatMul y, opset 17): no product of',
    ],
    [
      'types that do not fit',
      'unsupported',
      linear({ inputs: { x: ['int64', 2, 3] } }),
      'input 0 is of type int64, only float',
    ],
    [
      'an output that nothing computes',
      'malformed',
      linear({ outputs: ['z'] }),
      'no node computes output "z"',
    ],
    [
      'open dimensions',
      'dimension',
      open,
      'need a length: batch, length (of x [batch, 3], mask [batch, length])',
    ],
    [
      'doubles',
      'unsupported',
      linear({ inputs: { x: ['double', 2, 3] } }),
      'type double at run time',
    ],
    [
      'an attribute without meaning',
      'unsupported',
      linear({ nodes: [['Softmax', ['x'], ['y'], { temperature: f(2) }]] }),
      'attribute temperature is not supported',
    ],
    [
      'an attribute of a wrong kind',
      'malformed',
      linear({ nodes: [['Softmax', ['x'], ['y'], { axis: f(1) }]] }),
      'attribute axis is of kind float, int is wanted',
    ],
    [
      'an output that no lowering gives',
      'unsupported',
      linear({
        nodes: [
          ['Dropout', ['x'], ['a', 'mask']],
          ['Cast', ['mask'], ['y'], { to: 1 }],
        ],
      }),
      'Dropout (node Dropout a, opset 17): output 1 is not supported',
    ],
    [
      'a branch by what is computed',
      'unsupported',
      linear({
        inputs: { x: ['bool', 1] },
        nodes: [['If', ['x'], ['y']]],
      }),
      'If (node If y, opset 17): the condition is computed at run time',
    ],
    [
      'a missing input',
      'malformed',
      linear({ nodes: [['MatMul', ['x'], ['y']]] }),
      'input 1 is not given',
    ],
    [
      'a shape that is computed',
      'unsupported',
      linear({
        ...two,
        nodes: [
          ['Cast', ['x'], ['i'], { to: 7 }],
          ['Expand', ['x', 'i'], ['y']],
        ],
      }),
      'the shape is computed at run time',
    ],
    [
      'an index outside',
      'malformed',
      linear({
        nodes: [['Gather', ['x', 'i'], ['y']]],
        initialisers: { i: KnownTensor.ints([2]) },
      }),
      'index 2 of an axis of 2',
    ],
    [
      'a number beyond 32 bits',
      'unsupported',
      onnxModel({
        inputs: { x: ['int64', 1] },
        outputs: [['y', 'int64']],
        nodes: [['Add', ['x', 'c'], ['y']]],
        initialisers: { c: KnownTensor.ints([2 ** 40]) },
      }),
      'c holds 1099511627776',
    ],
    [
      'no elements',
      'unsupported',
      linear({
        nodes: [['Slice', ['x', 'zero', 'zero'], ['y']]],
        initialisers: { zero: KnownTensor.ints([0]) },
      }),
      'output "y" has no elements',
    ],
    [
      'a tensor beyond memory',
      'unsupported',
      linear({
        nodes: [['ConstantOfShape', ['s'], ['y']]],
        initialisers: { s: KnownTensor.ints([2 ** 20, 2 ** 20]) },
      }),
      '268435456 elements are supported',
    ],
  ]
  test.each(models)('%s', (_, fault, model, message) => {
    expectError(() => onnxProgram(readOnnx(writeOnnx(model))), fault, message)
  })

  test('dimensions and weights that the model does not have', () => {
    const graph = new Graph()
    expectError(
      () => importOnnx(graph, linear(), { dims: { batch: 2 } }),
      'dimension',
      'no open dimension batch',
    )
    expectError(
      () => importOnnx(graph, open, { dims: { batch: 0 } }),
      'dimension',
      'batch cannot be 0',
    )
    const weights = new Map([['w', { shape: [3, 3], tensor: Tensor.zeros('f32', 9) }]])
    expectError(
      () => importOnnx(graph, linear(), { weights }),
      'input',
      'weight "w" is f32 [3, 3], the model\'s is float [3, 4]',
    )
    const others = new Map([['v', { shape: [1], tensor: Tensor.zeros('f32', 1) }]])
    expectError(
      () => importOnnx(graph, linear(), { weights: others }),
      'input',
      'no initialiser "v"',
    )
    const inputs = new Map([['x', graph.constant('x', 'f32', [2, 4])]])
    expectError(
      () => importOnnx(graph, linear(), { inputs }),
      'input',
      'input "x" is f32 [2, 3], it is given f32 [2, 4]',
    )
  })

  test('inputs that do not fit', () => {
    const program = onnxProgram(linear())
    expectError(() => program.state(new Map()), 'input', 'input "x" is not given')
    expectError(
      () => program.state(new Map([['x', KnownTensor.floats([1])]])),
      'input',
      'it is given float [1]',
    )
  })
})

function expectError(run: () => unknown, fault: OnnxFault, message: string): void {
  let thrown: unknown
  try {
    run()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(OnnxError)
  const error = thrown as OnnxError
  expect(error.message).toContain(message)
  expect(error.fault).toBe(fault)
  expect(error.message).not.toContain('\n')
}
