import { expect, test } from 'vitest'
import { Graph } from '../../build/Graph.ts'
import { Execution } from '../../execute/Execution.ts'
import { planStep } from '../../execute/plan/planStep.ts'
import { Tensor } from '../../tensor.ts'
import { committedEngine } from '../wasm/committedEngine.ts'
import { wasmHost } from '../wasm/wasmHost.ts'
import { webAssembly } from '../wasm/webAssembly.ts'
import { native } from '../native/native.ts'
import { engineBackend } from './engineBackend.ts'
import { engineNeeds } from './engineNeeds.ts'

const MIB = 2 ** 20

/** A product with a weight of 4 · n² bytes that is packed. */
function product(n: number) {
  const graph = new Graph()
  const x = graph.state('x', 'f32', [1, n])
  const weight = graph.constant('weight', 'f32', [n, n])
  graph.setNext(x, x.matmulT(weight))
  const inputs = {
    state: [Tensor.zeros('f32', n)],
    constants: [Tensor.zeros('f32', n * n)],
    seed: 0n,
  }
  return { program: graph.program(), inputs }
}

test('what is said to be taken is what the process grows by', async () => {
  const { program, inputs } = product(4096)
  const plan = planStep(program, { advance: true, fuse: true })
  const needed = engineNeeds(plan).reduce((sum, { bytes }) => sum + bytes, 0)
  expect(needed).toBeGreaterThan(128 * MIB)
  inputs.constants[0].words.fill(0x3f800000) // so that its pages are there
  const before = process.memoryUsage().rss
  const execution = new Execution(program, native({ threads: 1 }), inputs)
  await execution.advance()
  const grown = process.memoryUsage().rss - before
  await execution.close()
  expect(grown).toBeGreaterThan(0.9 * needed)
  expect(grown).toBeLessThan(1.1 * needed)
})

test('sessions are given no more memory than was said', async () => {
  const { program, inputs } = product(100)
  const host = wasmHost(await webAssembly.compile(committedEngine()))
  let words = 0
  const backend = engineBackend('counted', {
    ...host,
    addMemory: (session, count, constant) => {
      words += count
      host.addMemory(session, count, constant)
    },
  })
  await new Execution(program, backend, inputs).advance()
  const plan = planStep(program, { advance: true, fuse: true })
  const packed = engineNeeds(plan).at(-1)?.bytes ?? 0
  const needed = engineNeeds(plan).reduce((sum, { bytes }) => sum + bytes, 0)
  expect(packed).toBeGreaterThanOrEqual(4 * 100 * 100)
  expect(needed - packed).toBe(4 * (words - 1)) // the number of the step
})
