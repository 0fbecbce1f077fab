import { expect, test } from 'vitest'
import { Graph } from '../build/Graph.ts'
import { Tensor } from '../tensor.ts'
import { apart, runModel, runRuntime } from '../testing/onnxCase.ts'
import { decoderGraph } from '../testing/onnxGraphs.ts'
import { f, nodeOf, onnxModel, randomFloats, randomInts } from '../testing/onnxModel.ts'
import { importOnnx } from './importOnnx.ts'
import { onnxProgram } from './inference.ts'
import { KnownTensor } from './KnownTensor.ts'
import type { Attribute, OnnxGraph, OnnxModel } from './OnnxModel.ts'
import { readOnnx } from './readOnnx.ts'
import { writeOnnx } from './writeOnnx.ts'

const x = randomFloats([2, 3])
const inputs = new Map([['x', x]])

/** A model of x [2, 3] → y, through the file format. */
const model = (draft: Partial<Parameters<typeof onnxModel>[0]>): OnnxModel =>
  readOnnx(
    writeOnnx(onnxModel({ inputs: { x: ['float', 2, 3] }, outputs: ['y'], nodes: [], ...draft })),
  )

async function agrees(it: OnnxModel, given = inputs): Promise<number> {
  const { outputs, nodes } = await runModel(it, given)
  const theirs = await runRuntime(it, given)
  for (const [name, ours] of outputs)
    expect(apart(name, ours, theirs.get(name), { absolute: 2 ** -20 })).toEqual([])
  return nodes
}

const branch = (op: string): Attribute => {
  const graph: OnnxGraph = {
    nodes: [nodeOf([op, ['x'], ['branch_y']])],
    inputs: [],
    outputs: [{ name: 'branch_y', type: 'float', dims: undefined }],
    initialisers: new Map(),
  }
  return { kind: 'graph', value: graph }
}

test('of a branch by what shapes decide, only the one taken is there', async () => {
  const nodes = await agrees(
    model({
      nodes: [
        ['Shape', ['x'], ['shape']],
        ['Size', ['shape'], ['rank']],
        ['Equal', ['rank', 'two'], ['flat']],
        ['If', ['flat'], ['y'], { then_branch: branch('Tanh'), else_branch: branch('Exp') }],
      ],
      initialisers: { two: KnownTensor.ints([2], []) },
    }),
  )
  expect(nodes).toBe(1)
})

test("functions of the model's own are called with their attributes", async () => {
  const plain = model({ nodes: [['Leaky', ['x'], ['y'], { slope: f(0.25) }, 'own']] })
  const body = nodeOf(['LeakyRelu', ['a'], ['b'], { alpha: { kind: 'reference', value: 'slope' } }])
  const leaky = {
    inputs: ['a'],
    outputs: ['b'],
    nodes: [body],
    defaults: new Map([['slope', f(0.5)]]),
    opsets: new Map([['', 17]]),
  }
  const opsets = new Map([...plain.opsets, ['own', 1]])
  const own = { ...plain, opsets, functions: new Map([['own::Leaky', leaky]]) }
  expect(await agrees(readOnnx(writeOnnx(own)))).toBe(2)
})

test('arithmetic of shapes is exact beyond 32 bits', async () => {
  // 2^40 · 3 / 2^40, as exporters compute strides of large tensors.
  await agrees(
    model({
      nodes: [
        ['Shape', ['x'], ['s'], { start: 1 }],
        ['Mul', ['s', 'big'], ['m']],
        ['Div', ['m', 'big'], ['d']],
        ['Concat', ['d', 'two'], ['shape'], { axis: 0 }],
        ['Reshape', ['x', 'shape'], ['y']],
      ],
      initialisers: { big: KnownTensor.ints([2 ** 40]), two: KnownTensor.ints([2]) },
    }),
  )
})

test('constants of weights are there once, and none that only others are computed from', () => {
  const { program, constants } = onnxProgram(decoderGraph(), { dims: { batch: 1, sequence: 3 } })
  // The table of tokens is gathered from, and transposed for the logits: its transpose twice is itself.
  const tables = constants.filter(({ count }) => count === 40 * 24)
  expect(tables).toHaveLength(1)
  expect(new Set(program.constants.map(({ name }) => name)).size).toBe(program.constants.length)
})

test('transpositions in a row are one, or none', async () => {
  const t = randomFloats([2, 3, 4])
  const twice = (first: number[], second: number[]): OnnxModel =>
    model({
      inputs: { x: ['float', 2, 3, 4] },
      nodes: [
        ['Transpose', ['x'], ['t'], { perm: first }],
        ['Transpose', ['t'], ['u'], { perm: second }],
        ['Exp', ['u'], ['y']],
      ],
    })
  expect(await agrees(twice([2, 0, 1], [1, 0, 2]), new Map([['x', t]]))).toBe(2)
  expect(await agrees(twice([2, 0, 1], [1, 2, 0]), new Map([['x', t]]))).toBe(1)
})

test('weights of 16 bits are read, and computed with in 32', async () => {
  const halves = KnownTensor.floats([0.5, -1.25, 3]).cast('float16')
  await agrees(
    model({
      nodes: [
        ['Cast', ['w'], ['wide'], { to: 1 }],
        ['Mul', ['x', 'wide'], ['y']],
      ],
      initialisers: { w: halves },
    }),
  )
})

test('weights of another file take the place of those in the model', () => {
  const it = model({ nodes: [['Add', ['x', 'w'], ['y']]], initialisers: { w: randomFloats([3]) } })
  const weights = new Map([['w', { shape: [3], tensor: Tensor.f32([1, 2, 3]) }]])
  const { constants } = onnxProgram(it, { weights })
  expect(constants.map(({ floats }) => [...floats])).toEqual([[1, 2, 3]])
  expect(onnxProgram(it).constants[0].floats).not.toEqual(constants[0].floats)
})

test('trained weights are states that keep their layout', () => {
  const it = model({
    nodes: [['MatMul', ['x', 'layer.weight'], ['y']]],
    initialisers: { 'layer.weight': randomFloats([3, 4]) },
  })
  const graph = new Graph()
  const { parameters, initial } = importOnnx(graph, it, { trained: () => true })
  expect(parameters.map(({ name, value }) => [name, value.shape])).toEqual([
    ['layer.weight', [3, 4]],
  ])
  expect([...initial.get('layer.weight')!.floats]).toEqual([...randomFloats([3, 4]).data])
})

test('names that are long or alike become different ones', () => {
  const long = 'encoder/'.repeat(20)
  const names = [`${long}a`, `${long}b`, 'naïve name', 'na?ve?name', '']
  const it = onnxModel({
    inputs: Object.fromEntries(names.slice(0, 4).map((name) => [name, ['float', 3] as const])),
    outputs: ['y'],
    nodes: [['Sum', names.slice(0, 4), ['y']]],
  })
  const { program } = onnxProgram(it)
  const states = program.states.map(({ name }) => name)
  expect(new Set(states).size).toBe(states.length)
  for (const name of states) expect(name.length).toBeLessThanOrEqual(64)
})

test('indices below 0 count from the end at run time too, others outside read nothing', async () => {
  const it = model({
    inputs: { i: ['int64', 4] },
    nodes: [['Gather', ['w', 'i'], ['y']]],
    initialisers: { w: randomFloats([3, 2]) },
  })
  await agrees(it, new Map([['i', randomInts([4], -3, 2)]]))
  const { outputs } = await runModel(it, new Map([['i', KnownTensor.ints([0, 3, -4, 2])]]))
  expect([...outputs.get('y')!.data].map(Number.isNaN)).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
    false,
    false,
  ])
})
