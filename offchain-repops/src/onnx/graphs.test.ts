import { describe, expect, test } from 'vitest'
import { apart, runModel, runRuntime } from '../testing/onnxCase.ts'
import {
  decoderGraph,
  encoderGraph,
  mlpGraph,
  mobileGraph,
  modernDecoderGraph,
  residualGraph,
} from '../testing/onnxGraphs.ts'
import { onnxProgram } from './inference.ts'
import type { OnnxModel } from './OnnxModel.ts'
import { randomInputs } from './randomInputs.ts'
import { readOnnx } from './readOnnx.ts'
import { writeOnnx } from './writeOnnx.ts'

const sequences = { batch: 2, sequence: 7 }
const GRAPHS: [string, OnnxModel, Record<string, number>, nodes: number][] = [
  ['a multilayer perceptron', mlpGraph(), { batch: 3 }, 8],
  ['an encoder in pieces', encoderGraph(), sequences, 134],
  ['a decoder with computed shapes', decoderGraph(), sequences, 116],
  ['a decoder of opset 23', modernDecoderGraph(), sequences, 81],
  ['a residual network', residualGraph(), { batch: 2 }, 31],
  ['a mobile network', mobileGraph(), { batch: 2 }, 43],
]

describe('graphs as exporters write them', () => {
  test.each(GRAPHS)('%s agrees with ONNX Runtime', async (_, model, dims, nodes) => {
    const bytes = writeOnnx(model)
    const read = readOnnx(bytes)
    const { program, inputs } = onnxProgram(read, { dims })
    const given = randomInputs(read, inputs, 5n)
    const { outputs } = await runModel(read, given, dims)
    const theirs = await runRuntime(read, given)
    // Activations are of size 1; errors of 2^-24 grow with the root of some hundred operations in a row.
    for (const [name, ours] of outputs)
      expect(
        apart(name, ours, theirs.get(name), { absolute: 2 ** -17, relative: 2 ** -17 }),
      ).toEqual([])
    // Shapes, masks and constants of weights are computed when the model is read.
    expect(program.nodes.length).toBeLessThanOrEqual(nodes)
  })
})
