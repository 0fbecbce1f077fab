import { expect, onTestFinished, test } from 'vitest'
import { Graph } from '../../build/Graph.ts'
import { Execution } from '../../execute/Execution.ts'
import { planStep } from '../../execute/plan/planStep.ts'
import type { TensorType } from '../../program/wants.ts'
import { Tensor } from '../../tensor.ts'
import { committedEngine } from '../wasm/committedEngine.ts'
import { wasmHost } from '../wasm/wasmHost.ts'
import { webAssembly, type WasmModule } from '../wasm/webAssembly.ts'
import { engineBackend } from './engineBackend.ts'
import { engineNeeds } from './engineNeeds.ts'

const MIB = 2 ** 20

/** Memory that an instance of WebAssembly has at last: it only grows. */
async function instanceBytes(graph: Graph): Promise<number> {
  const { Instance } = webAssembly
  const memories: { readonly buffer: ArrayBuffer }[] = []
  const statics = webAssembly as { Instance: typeof Instance }
  onTestFinished(() => {
    statics.Instance = Instance
  })
  statics.Instance = class extends Instance {
    constructor(module: WasmModule) {
      super(module)
      memories.push((this.exports as { memory: (typeof memories)[number] }).memory)
    }
  }
  const host = wasmHost(await webAssembly.compile(committedEngine()))
  statics.Instance = Instance
  const [{ buffer }] = memories
  const own = buffer.byteLength
  const program = graph.program()
  const tensors = (entries: readonly TensorType[]): Tensor[] =>
    entries.map(({ type, count }) => Tensor.zeros(type, count))
  const inputs = {
    state: tensors(program.states),
    constants: tensors(program.constants),
    seed: 0n,
  }
  await new Execution(program, engineBackend('wasm', host), inputs).advance()
  return memories[0].buffer.byteLength - own
}

const cases: Readonly<Record<string, (graph: Graph) => void>> = {
  'a tensor of 20 MiB': (graph) => {
    const x = graph.state('x', 'f32', [5 * MIB])
    graph.setNext(x, x.neg())
  },
  'eight of 17 MiB, none beside another in a block': (graph) => {
    for (let i = 0; i < 8; i++) {
      const x = graph.state(`x${i}`, 'f32', [17, MIB / 4])
      graph.setNext(x, x.add(graph.constant(`c${i}`, 'f32', [1])))
    }
  },
  'a constant of 64 MiB, packed': (graph) => {
    const x = graph.state('x', 'f32', [1, 4096])
    graph.setNext(x, x.matmulT(graph.constant('weight', 'f32', [4096, 4096])))
  },
  'a product that packs both sides': (graph) => {
    const x = graph.state('x', 'f32', [512, 512])
    graph.setNext(x, x.matmulT(x))
  },
  'a ScatterAdd of many positions': (graph) => {
    const positions = 60_000
    const x = graph.state('x', 'f32', [1, 16, 100])
    const y = graph.constant('y', 'f32', [1, 16, positions])
    const index = graph.philox([1, positions], 0).shr(1).rem(100)
    graph.setNext(x, y.scatterAdd(index, 100).reshape([1, 16, 100]))
  },
  'rows of 2 MiB': (graph) => {
    const x = graph.state('x', 'f32', [2, MIB / 2])
    const shifted = x.sub(x.sum([-1], true))
    graph.setNext(x, shifted.div(shifted.exp().sum([-1], true)))
  },
}
test.each(Object.entries(cases))('%s takes no more than was said', async (_, build) => {
  const graph = new Graph()
  build(graph)
  const plan = planStep(graph.program(), { advance: true, fuse: true })
  const said = engineNeeds(plan).reduce((all, { bytes }) => all + bytes, 0)
  const taken = await instanceBytes(graph)
  expect(taken).toBeLessThanOrEqual(said)
  expect(taken).toBeGreaterThan(said / 3)
})

test('each thread has scratch memory', () => {
  const graph = new Graph()
  cases['a product that packs both sides'](graph)
  const plan = planStep(graph.program(), { advance: true, fuse: true })
  const scratch = (threads: number): number =>
    engineNeeds(plan, threads).find(({ what }) => what.startsWith('scratch'))?.bytes ?? 0
  expect(scratch(1)).toBeGreaterThan(2 * MIB)
  expect(scratch(16)).toBe(16 * scratch(1))
})
