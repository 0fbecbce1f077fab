import { expect, test } from 'vitest'
import { reference } from '../backends/reference/index.ts'
import { decoderGraph } from '../testing/onnxGraphs.ts'
import { onnxModel, randomFloats } from '../testing/onnxModel.ts'
import { compareOnnx } from './compareOnnx.ts'
import { differences } from './differences.ts'
import { onnxProgram } from './inference.ts'
import { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'
import { randomInputs } from './randomInputs.ts'
import { readOnnx } from './readOnnx.ts'
import { halfToNumber } from './readTensor.ts'
import { numberToHalf, writeOnnx } from './writeOnnx.ts'

test('a model runs here and in ONNX Runtime on the same inputs', async () => {
  const model = decoderGraph()
  const program = onnxProgram(model, { dims: { batch: 1, sequence: 6 } })
  const inputs = randomInputs(model, program.inputs, 7n)
  const tokens = [...inputs.get('input_ids')!.data]
  // All rows of the table are drawn from, and the same ones by the same seed.
  expect(Math.max(...tokens)).toBeGreaterThan(1)
  expect(Math.max(...tokens)).toBeLessThan(40)
  expect(randomInputs(model, program.inputs, 7n)).toEqual(inputs)
  expect(randomInputs(model, program.inputs, 8n)).not.toEqual(inputs)
  const { outputs, milliseconds } = await compareOnnx(program, writeOnnx(model), {
    backend: reference,
    inputs,
  })
  expect(outputs).toHaveLength(1)
  expect(outputs[0]).toMatchObject({ name: 'output_0', type: 'float', dims: [1, 6, 40] })
  expect(outputs[0].absolute).toBeLessThan(2 ** -17)
  expect(outputs[0].ulp).toBeGreaterThan(0)
  expect(milliseconds.repops).toBeGreaterThan(0)
  expect(milliseconds.onnxRuntime).toBeGreaterThan(0)
})

test('a wrong result is far apart', async () => {
  const graph = (op: string) =>
    onnxModel({ inputs: { x: ['float', 4] }, outputs: ['y'], nodes: [[op, ['x', 'x'], ['y']]] })
  const inputs = new Map([['x', randomFloats([4])]])
  const program = onnxProgram(graph('Add'))
  const { outputs } = await compareOnnx(program, writeOnnx(graph('Mul')), {
    backend: reference,
    inputs,
  })
  expect(outputs[0].different).toBe(4)
  expect(outputs[0].absolute).toBeGreaterThan(0.1)
})

test('what ONNX Runtime refuses is said in one line', async () => {
  const model = onnxModel({
    inputs: { x: ['float', 4] },
    outputs: ['y'],
    nodes: [['Relu', ['x'], ['y']]],
  })
  const inputs = new Map([['x', randomFloats([4])]])
  const comparison = compareOnnx(onnxProgram(model), new Uint8Array(40), {
    backend: reference,
    inputs,
  })
  await expect(comparison).rejects.toThrow(OnnxError)
  await expect(comparison).rejects.toThrow(/^ONNX Runtime refuses the model: .+$/)
})

test('differences are the worst of each measure', () => {
  const next = 1 + 2 ** -23
  const compare = (a: number[], b: number[]) =>
    differences(KnownTensor.floats(a), KnownTensor.floats(b))
  expect(compare([1, -0, NaN], [1, 0, NaN])).toEqual({
    ulp: 0,
    absolute: 0,
    largest: 1,
    relative: 0,
    different: 0,
  })
  expect(compare([next, 4], [1, 2])).toEqual({
    ulp: 2 ** 23,
    absolute: 2,
    largest: 2,
    relative: 1,
    different: 2,
  })
  expect(compare([2 ** -149], [-(2 ** -149)])).toMatchObject({ ulp: 2, relative: 2 })
  expect(compare([next], [1]).ulp).toBe(1)
  expect(compare([1, 2, 3], [-7, Infinity, NaN]).largest).toBe(7)
  expect(compare([-next], [-1]).ulp).toBe(1)
  expect(compare([1], [0]).relative).toBe(Infinity)
  expect(compare([NaN], [1])).toEqual({
    ulp: Infinity,
    absolute: Infinity,
    largest: 1,
    relative: Infinity,
    different: 1,
  })
  expect(differences(KnownTensor.ints([5]), KnownTensor.ints([2]))).toMatchObject({
    ulp: 3,
    absolute: 3,
  })
})

test('every half is read and written as it is', () => {
  for (let bits = 0; bits < 2 ** 16; bits++) {
    const value = halfToNumber(bits)
    if (Number.isNaN(value)) expect(numberToHalf(value)).toBe(0x7e00)
    else if (numberToHalf(value) !== bits) expect(numberToHalf(value)).toBe(bits)
  }
  expect(
    [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 1.5 * 2 ** -25].map(numberToHalf),
  ).toEqual([0x3c00, 0x3c02, 0x7bff, 0x7c00, 0, 1])
})

test('a model is written as it was read', () => {
  const bytes = writeOnnx(decoderGraph())
  expect(Buffer.from(writeOnnx(readOnnx(bytes))).equals(bytes)).toBe(true)
})
