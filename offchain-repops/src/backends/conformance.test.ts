import { expect, test } from 'vitest'
import { Graph } from '../build/Graph.ts'
import { fromHex, toHex } from '../commit/hash.ts'
import { Execution } from '../execute/Execution.ts'
import type { Corruption } from '../execute/fittingPlan.ts'
import { SEGMENT, sumSegment } from '../numbers/reduction.ts'
import { OPERATORS, operatorOf } from '../ops/index.ts'
import { decodeNode } from '../program/nodeCodec.ts'
import { Tensor } from '../tensor.ts'
import type { Backend } from './backend.ts'
import { committedPrograms, committedVectors } from './committedVectors.ts'
import { BOUNDS, proveBackend, provenBackend, type Vectors } from './conformance.ts'
import { DeviceLost } from './cuda/errors.ts'
import { provePrograms } from './provePrograms.ts'
import { computeNode } from './reference/computeNode.ts'
import { reference } from './reference/index.ts'
import { nodeByNode } from './reference/nodeByNode.ts'

const vectors = committedVectors()

const vectorsOf = (op: string): Vectors => ({
  kernels: vectors.kernels.filter(({ node }) => decodeNode(fromHex(node), BOUNDS).op === op),
  scalars: vectors.scalars.filter((vector) => vector.op === op),
})

/** The reference with one kernel changed. */
const changed = (op: string, change: typeof computeNode): Backend =>
  nodeByNode('changed', (node, ...rest) => {
    if (node.op === op) change(node, ...rest)
    else computeNode(node, ...rest)
  })

test('the reference proves every operator on every type', async () => {
  const rows = await proveBackend(reference, vectors)
  expect(rows.filter(({ failure }) => failure !== undefined)).toEqual([])
  const wanted = OPERATORS.flatMap(({ name, types }) => types.map((type) => `${name} ${type}`))
  expect(rows.map(({ op, type }) => `${op} ${type}`).sort()).toEqual(wanted.sort())
  for (const { cases } of rows) expect(cases).toBeGreaterThanOrEqual(4)
})

test('a device that is lost refuses no operator: nothing is proved', async () => {
  const lost = new DeviceLost('cuGraphLaunch', 719, 'CUDA_ERROR_LAUNCH_FAILED', 'a GPU')
  const gone: Backend = { ...reference, compile: () => Promise.reject(lost) }
  await expect(proveBackend(gone, vectors)).rejects.toBe(lost)
  await expect(provePrograms(gone, committedPrograms())).rejects.toBe(lost)
})

test.each(OPERATORS.map(({ name }) => name))('one wrong bit in %s is seen', async (op) => {
  const flipped = changed(op, (node, inputs, output, context) => {
    computeNode(node, inputs, output, context)
    output.words[output.words.length - 1] ^= 1
  })
  const rows = await proveBackend(flipped, vectorsOf(op))
  expect(rows.map(({ type }) => type).sort()).toEqual([...operatorOf(op).types].sort())
  for (const { failure } of rows) expect(failure).toContain('element')
})

test('a fused sum of products in another order is refused, and runs on the reference', async () => {
  const lazy = changed('MatMul', ({ form }, [x, y], output) => {
    if (form.family !== 'matmul') throw new Error('no matmul')
    const { M, N, K, B, xShared, yShared } = form
    for (let e = 0; e < output.count; e++) {
      const [b, m, n] = [Math.floor(e / (M * N)) % B, Math.floor(e / N) % M, e % N]
      let sum = 0
      for (let k = 0; k < K; k++) {
        const i = ((xShared ? 0 : b) * M + m) * K + k
        const j = ((yShared ? 0 : b) * K + k) * N + n
        sum += x.floats[i] * y.floats[j]
      }
      output.floats[e] = sum
    }
  })
  const rows = await proveBackend(lazy, vectors)
  const row = rows.find(({ op }) => op === 'MatMul')
  expect(row?.failure).toMatch(/^element \d+ of \d+ is 0x[0-9a-f]{8}, not 0x[0-9a-f]{8}$/)
  const healed = provenBackend(lazy, rows, reference)
  expect(
    (await proveBackend(healed, vectors)).filter(({ failure }) => failure !== undefined),
  ).toEqual([])
})

test('a sum whose segments are folded in a line is refused', async () => {
  const linear = changed('ReduceSum', (node, inputs, output, context) => {
    if (node.form.family !== 'reduce' || node.type === 'i32') {
      computeNode(node, inputs, output, context)
      return
    }
    const { R, K } = node.form
    for (let row = 0; row < R; row++) {
      let sum = 0
      for (let from = 0; from < K; from += SEGMENT) {
        const length = Math.min(SEGMENT, K - from)
        const segment = sumSegment(inputs[0].floats, row * K + from, length)
        sum = from === 0 ? segment : Math.fround(sum + segment)
      }
      output.floats[row] = sum
    }
  })
  const failed = (await proveBackend(linear, vectors)).filter(
    ({ failure }) => failure !== undefined,
  )
  expect(failed.map(({ op, type }) => `${op} ${type}`)).toEqual(['ReduceSum f32'])
})

test('a kernel that throws is refused with its reason', async () => {
  const rows = await proveBackend(
    changed('Exp', () => {
      throw new Error('out of memory')
    }),
    vectors,
  )
  expect(rows.find(({ op }) => op === 'Exp')?.failure).toBe(
    'elementwise kernel failed: out of memory',
  )
})

test('an operator without a vector is not trusted', async () => {
  const rows = await proveBackend(reference, { ...vectors, scalars: [] })
  const without = rows.filter(({ op }) => op !== 'Add')
  const calls: string[] = []
  const spy = nodeByNode('spy', (node, ...rest) => {
    calls.push(node.op)
    computeNode(node, ...rest)
  })
  await proveBackend(provenBackend(spy, without, reference), vectors)
  expect(calls).not.toContain('Add')
  expect(calls).toContain('Mul')
})

test('a refused operator is not even compiled', async () => {
  const compiled = new Set<string>()
  const picky: Backend = {
    ...reference,
    name: 'picky',
    compile: (plan) => {
      for (const { nodes } of plan.tasks)
        for (const node of nodes) {
          const { op } = plan.program.nodes[node]
          if (op === 'Exp') return Promise.reject(new Error('no kernel for Exp'))
          compiled.add(op)
        }
      return reference.compile(plan)
    },
  }
  const rows = await proveBackend(picky, vectors)
  expect(rows.flatMap(({ op, failure }) => (failure === undefined ? [] : op))).toEqual(['Exp'])
  const healed = provenBackend(picky, rows, reference)
  const graph = new Graph()
  const x = graph.state('x', 'f32', [700])
  graph.setNext(x, x.mul(x).exp().neg().exp().add(x))
  const state = [Tensor.f32(Float32Array.from({ length: 700 }, (_, i) => Math.fround(i / 300 - 1)))]
  const run = async (backend: Backend, corruption?: Corruption): Promise<string[]> => {
    const inputs = { state, constants: [], seed: 0n, corruption }
    const execution = new Execution(graph.program(), backend, inputs)
    const graphRoots = toHex(await execution.advanceCommitting())
    await execution.advance()
    const root = await execution.stateRoot()
    await execution.close()
    return [graphRoots, root]
  }
  expect(await run(healed)).toEqual(await run(reference))
  // Ranges that begin and end beside a refused task, and at one.
  for (let node = 0; node < graph.program().nodes.length; node++) {
    const corruption = { step: 0, node, element: 3, bit: 20 }
    expect(await run(healed, corruption), `node ${node}`).toEqual(await run(reference, corruption))
  }
  expect([...compiled]).toEqual(expect.arrayContaining(['Mul', 'Neg', 'Add']))
})
