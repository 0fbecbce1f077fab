import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stateRoot } from '../../commit/tensor.ts'
import { Execution } from '../../execute/Execution.ts'
import { OPERATORS } from '../../ops/index.ts'
import { Random } from '../../testing/Random.ts'
import { randomProgram } from '../../testing/randomProgram.ts'
import { committedVectors } from '../committedVectors.ts'
import { proveBackend } from '../conformance.ts'
import { reference } from '../reference/index.ts'
import { committedEngine } from './committedEngine.ts'
import { wasm } from './wasm.ts'
import { wasmHost } from './wasmHost.ts'
import { webAssembly } from './webAssembly.ts'

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
