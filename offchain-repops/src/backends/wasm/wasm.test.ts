import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { stateRoot } from '../../commit/tensor.ts'
import { Graph } from '../../build/Graph.ts'
import { Execution } from '../../execute/Execution.ts'
import { OPERATORS } from '../../ops/index.ts'
import { Tensor } from '../../tensor.ts'
import { Random } from '../../testing/Random.ts'
import { randomProgram } from '../../testing/randomProgram.ts'
import { committedVectors } from '../committedVectors.ts'
import { proveBackend } from '../conformance.ts'
import { reference } from '../reference/index.ts'
import { committedEngine } from './committedEngine.ts'
import { WASM_ORIGIN } from './origin.ts'
import { wasm } from './wasm.ts'
import { wasmHost } from './wasmHost.ts'
import { webAssembly, type WasmModule, type WebAssembly } from './webAssembly.ts'

const bytes = committedEngine()

test('every operator is proved', async () => {
  const rows = await proveBackend(await wasm(bytes), committedVectors())
  expect(rows.filter(({ failure }) => failure !== undefined)).toEqual([])
  expect(rows).toHaveLength(OPERATORS.flatMap(({ types }) => types).length)
})

test('random programs have the state of the reference', async () => {
  const engine = await wasm(bytes)
  for (let seed = 1; seed <= 25; seed++) {
    const { program, initialState: state, constants } = randomProgram(new Random(seed))
    const roots = await Promise.all(
      [reference, engine].map(async (backend) => {
        const execution = new Execution(program, backend, { state, constants, seed: BigInt(seed) })
        for (let step = 0; step < 2; step++) await execution.advance()
        const root = await execution.stateRoot()
        expect(root).toBe(stateRoot(await execution.state()))
        await execution.close()
        return root
      }),
    )
    expect(roots[1], `seed ${seed}`).toBe(roots[0])
  }
})

test('a page can import it: nothing of Node is behind it', () => {
  const modules = new Set([new URL('wasm.ts', import.meta.url).href])
  const packages = new Set<string>()
  for (const module of modules)
    for (const [, name] of readFileSync(new URL(module), 'utf8').matchAll(/ from '(.+)'$/gm))
      if (name.startsWith('.')) modules.add(new URL(name, module).href)
      else packages.add(name)
  expect(modules.size).toBeGreaterThan(50)
  expect([...packages].filter((name) => !name.startsWith('@noble/'))).toEqual([])
})

test('the module imports nothing', async () => {
  const { Module } = (globalThis as unknown as { WebAssembly: { Module: ModuleStatics } })
    .WebAssembly
  expect(Module.imports(await webAssembly.compile(bytes))).toEqual([])
})

interface ModuleStatics {
  imports(module: unknown): unknown[]
}

test('wrong numbers are refused', async () => {
  const host = wasmHost(await webAssembly.compile(bytes))
  const session = host.open()
  host.addMemory(session, 1, 0)
  host.addMemory(session, 10, 0)
  expect(() => {
    host.addMemory(session, 2 ** 31, 0)
  }).toThrow('no memory for 2147483648 words')
  expect(() => {
    host.addMemory(session, 1_069_547_520, 0)
  }).toThrow('no memory for 1069547520')
  for (const [memory, offset, count] of [
    [1, 1, 10],
    [1, -1, 5],
    [2, 0, 1],
    [1, 0, -1],
    [1, 2 ** 52, 2 ** 52],
  ])
    expect(() => {
      host.addSlot(session, memory, offset, count)
    }).toThrow('a slot')
  host.addSlot(session, 1, 0, 10)
  const copy = [7, 0, 1, 0, 1, 0, 10]
  expect(() => {
    host.addTask(session, Float64Array.from(copy.slice(1)))
  }).toThrow('a task')
  host.addTask(session, Float64Array.from(copy))
  expect(() => {
    host.read(session, 1, new Int32Array(10))
  }).toThrow('no slot 1')
  expect(() => {
    host.write(session, 0, new Int32Array(9))
  }).toThrow('slot 0 has 10 words, not 9')
  expect(() => host.run(session, 0, 2, 0, 0n)).toThrow('no tasks 0 to 2')
  expect(() => host.roots(session, Float64Array.of(0.5))).toThrow('no slot 0.5')
  host.close(session)
  expect(() => host.run(session, 0, 1, 0, 0n)).toThrow('the session is closed')
})

test('a module of another version is refused', async () => {
  const other = Uint8Array.from(bytes)
  const at = Buffer.from(other.buffer).indexOf(WASM_ORIGIN.sources)
  expect(at).toBeGreaterThan(0)
  other.set(Buffer.from('abababab'), at)
  await expect(wasm(other)).rejects.toThrow('compiled from other sources (abababab)')
})

function replaceInstance(replacement: WebAssembly['Instance']): void {
  const statics = webAssembly as { Instance: WebAssembly['Instance'] }
  const { Instance } = statics
  statics.Instance = replacement
  onTestFinished(() => {
    statics.Instance = Instance
  })
}

test('an instance that trapped is not used again', async () => {
  let instances = 0
  const { Instance } = webAssembly
  const trapping = class extends Instance {
    override readonly exports: unknown
    constructor(module: WasmModule) {
      super(module)
      instances++
      const exports = { ...(super.exports as Record<string, (...operands: number[]) => unknown>) }
      this.exports = { ...exports, root: () => exports.slotWords(2 ** 27) } // outside of memory
    }
  }
  replaceInstance(trapping)
  const host = wasmHost(await webAssembly.compile(bytes))
  const begun = () => {
    const session = host.open()
    host.addMemory(session, 1, 0)
    host.addSlot(session, 0, 0, 1)
    return session
  }
  host.close(begun())
  const session = begun()
  expect(instances).toBe(1)
  expect(() => host.roots(session, Float64Array.of(0))).toThrow('memory access out of bounds')
  expect(() => host.run(session, 0, 0, 0, 0n)).toThrow('the WebAssembly instance trapped')
  host.close(session)
  host.close(begun())
  expect(instances).toBe(2)
})

test('200 sessions take the memory of one', async () => {
  let instances = 0
  const { Instance } = webAssembly
  const counted = class extends Instance {
    constructor(module: WasmModule) {
      super(module)
      instances++
    }
  }
  replaceInstance(counted)
  const engine = await wasm(bytes)
  const count = 2 ** 20
  const graph = new Graph()
  const x = graph.state('x', 'f32', [count])
  graph.setNext(x, x.neg())
  const program = graph.program()
  const state = [Tensor.zeros('f32', count)]
  const session = async (): Promise<void> => {
    const execution = new Execution(program, engine, { state, constants: [], seed: 0n })
    await execution.advance()
    await execution.close()
  }
  await session()
  const before = process.memoryUsage().rss
  for (let i = 0; i < 200; i++) await session()
  expect(process.memoryUsage().rss - before).toBeLessThan(16 * count)
  expect(instances).toBe(1)
  await Promise.all([session(), session(), session()])
  expect(instances).toBe(3)
  await Promise.all([session(), session(), session()])
  expect(instances).toBe(4) // two were kept
  await engine.close()
  await session()
  expect(instances).toBe(5)
})

test('a session begins with zeros, whatever was there before', async () => {
  const host = wasmHost(await webAssembly.compile(bytes))
  const words = new Int32Array(5000)
  for (let round = 0; round < 3; round++) {
    const session = host.open()
    host.addMemory(session, 1, 0)
    host.addMemory(session, 5000, 0)
    host.addSlot(session, 1, 0, 5000)
    expect(() => {
      host.read(session, 1, words)
    }).toThrow('no slot 1')
    host.read(session, 0, words)
    expect(words.every((word) => word === 0)).toBe(true)
    host.write(session, 0, words.fill(7))
    host.close(session)
    host.close(session)
  }
})
