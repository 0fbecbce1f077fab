import { beforeEach, describe, expect, test } from 'vitest'
import { stateRoot, tensorRoot } from '../../commit/tensor.ts'
import { toHex } from '../../commit/hash.ts'
import { Graph } from '../../build/Graph.ts'
import { Execution } from '../../execute/Execution.ts'
import { Random } from '../../testing/Random.ts'
import { randomProgram, type RandomProgram } from '../../testing/randomProgram.ts'
import { Tensor } from '../../tensor.ts'
import type { Plan } from '../../execute/plan/types.ts'
import type { Backend } from '../backend.ts'
import { committedVectors } from '../committedVectors.ts'
import { proveBackend } from '../conformance.ts'
import { reference } from '../reference/index.ts'
import type { CudaBackend } from './CudaBackend.ts'
import { CudaError, CudaUnavailable, DeviceLost, DeviceMemoryError } from './errors.ts'
import { openCuda } from './openCuda.ts'
import { stubDriver } from './stubDriver.ts'

const OUT_OF_MEMORY = 2
const NO_DEVICE = 100
const LAUNCH_FAILED = 719

const stub = stubDriver()

beforeEach(() => {
  stub.reset()
})

const open = (): CudaBackend => openCuda(stub.path)

test('proves every operator on the committed vectors, and gives all memory back', async () => {
  const backend = open()
  expect(backend.device.name).toBe('kernels on the host (compute capability 9.0)')
  const rows = await proveBackend(backend, committedVectors())
  expect(rows.filter(({ failure }) => failure !== undefined)).toEqual([])
  expect(rows.length).toBeGreaterThan(50)
  expect(stub.usedBytes()).toBe(0)
})

const start = (it: RandomProgram, backend: Backend, state = it.initialState, step = 0): Execution =>
  new Execution(it.program, backend, { state, constants: it.constants, seed: it.seed, step })

describe.each(Array.from({ length: 12 }, (_, seed) => seed))('random program %i', (seed) => {
  const it = randomProgram(new Random(100 + seed), { nodes: 20 })

  test('has the bits of the reference at every step, committed to or not', async () => {
    const backend = open()
    const [ours, committing, theirs] = [
      start(it, backend),
      start(it, backend),
      start(it, reference),
    ]
    for (let step = 0; step < 4; step++) {
      await ours.advance()
      const roots = await theirs.advanceCommitting()
      expect(toHex(await committing.advanceCommitting())).toBe(toHex(roots))
      const expected = (await theirs.state()).map(({ words }) => words)
      expect((await ours.state()).map(({ words }) => words)).toEqual(expected)
      expect(await ours.stateRoot()).toBe(await theirs.stateRoot())
    }
    // The first run of a range is given task by task; later ones are one graph.
    expect(stub.calls('cuGraphInstantiateWithFlags')).toBeGreaterThan(0)
    expect(stub.calls('cuGraphLaunch')).toBe(6)
    await Promise.all([ours, committing, theirs].map((execution) => execution.close()))
    expect(stub.usedBytes()).toBe(0)
  })
})

/** One tensor and nothing to do. */
const holding = (count: number): Plan => ({
  program: {
    nodes: [],
    states: [{ name: '', type: 'i32', count, next: undefined }],
    constants: [],
  },
  slots: [{ type: 'i32', count, place: { kind: 'state', ref: 0 } }],
  arenaWords: 0,
  tasks: [],
})

test.each([1, 256, 257, 131_072, 131_073, 300_001])('the root of %i words', async (count) => {
  const words = Int32Array.from({ length: count }, (_, i) => Math.imul(i, 0x9e3779b9))
  const executable = await open().compile(holding(count))
  await executable.write(0, words)
  const twice = toHex(await executable.roots([0, 0]))
  expect(twice).toBe(
    tensorRoot(new Tensor('i32', words))
      .repeat(2)
      .replace(/(?<=.)0x/, ''),
  )
  await executable.close()
})

test('the event loop goes round while the device works', async () => {
  const executable = await open().compile(holding(1000))
  let rounds = 0
  let waits = true
  const count = (): void => {
    rounds++
    if (waits) setImmediate(count)
  }
  count()
  await executable.roots([0])
  waits = false
  expect(rounds).toBeGreaterThan(2)
  await executable.close()
})

test('what is not the backend’s to write, or no longer there, is refused', async () => {
  const executable = await open().compile(holding(3))
  await expect(executable.write(0, new Int32Array(2))).rejects.toThrow('slot 0 has 3 words, got 2')
  await executable.close()
  await executable.close()
  await expect(executable.read(0)).rejects.toThrow('the executable is closed')
})

describe('where there is no GPU', () => {
  test('a machine without a driver is told so', () => {
    const open = (): unknown => openCuda('/nowhere/libcuda.so.1')
    expect(open).toThrow(CudaUnavailable)
    expect(open).toThrow(/^there is no NVIDIA driver \/nowhere\/libcuda.so.1: ./)
  })

  test.each([
    ['cuInit', NO_DEVICE, 'cuInit failed with CUDA_ERROR_NO_DEVICE (100)'],
    ['cuModuleLoadData', 200, 'cuModuleLoadData failed with CUDA_ERROR_INVALID_IMAGE (200)'],
    ['cuStreamCreate', OUT_OF_MEMORY, 'cuStreamCreate failed with CUDA_ERROR_OUT_OF_MEMORY (2)'],
  ])('a driver that fails in %s is quoted', (call, code, said) => {
    stub.fail(call, 0, code)
    expect(open).toThrow(CudaUnavailable)
    stub.fail(call, 0, code)
    expect(open).toThrow(`the NVIDIA driver gives no device: ${said}`)
  })
})

describe('faults', () => {
  test('a plan that does not fit is refused with its size before any memory is taken', async () => {
    stub.reset({ memoryBytes: 64 * 2 ** 20 })
    const backend = open()
    const before = stub.calls('cuMemAlloc_v2')
    const refused = backend.compile(holding(100 * 2 ** 18))
    await expect(refused).rejects.toThrow(DeviceMemoryError)
    await expect(refused).rejects.toThrow(
      /the plan needs 1\d\d MiB on kernels on the host .* 64 MiB free/,
    )
    expect(stub.calls('cuMemAlloc_v2')).toBe(before)
  })

  test('an execution that does not fit is refused with what the device has left', async () => {
    stub.reset({ memoryBytes: 64 * 2 ** 20 })
    const backend = open()
    const [need, ...others] = backend.needs(holding(100 * 2 ** 18))
    expect(others).toEqual([])
    expect(need.bytes).toBeGreaterThan(100 * 2 ** 20)
    expect(need.roomBytes).toBe(64 * 2 ** 20 - stub.usedBytes())
    const graph = new Graph()
    const x = graph.state('x', 'f32', [2 ** 25])
    graph.setNext(x, x.neg())
    const state = [Tensor.zeros('f32', 2 ** 25)]
    const before = stub.calls('cuMemAlloc_v2')
    const execution = new Execution(graph.program(), backend, { state, constants: [], seed: 0n })
    await expect(execution.advance()).rejects.toThrow(
      /^the program takes 1\d\d MiB of kernels on the host .*, which has room for 64 MiB/,
    )
    expect(stub.calls('cuMemAlloc_v2')).toBe(before)
    const executable = await backend.compile(holding(1000))
    await executable.close()
    await backend.close()
    await backend.close()
  })

  test('memory that another program took meanwhile is given back', async () => {
    const backend = open()
    const before = stub.usedBytes()
    stub.fail('cuMemAlloc_v2', 2, OUT_OF_MEMORY)
    const failed = backend.compile(holding(1000))
    await expect(failed).rejects.toThrow(CudaError)
    await expect(failed).rejects.toThrow('cuMemAlloc_v2 failed with CUDA_ERROR_OUT_OF_MEMORY (2)')
    expect(stub.usedBytes()).toBe(before)
    await (await backend.compile(holding(1000))).close()
  })

  test.each([
    ['in the middle of the first run', 'cuLaunchKernel', 7, 0],
    ['in a graph', 'cuGraphLaunch', 0, 2],
    ['while the device works', 'cuStreamQuery', 3, 1],
    ['while the state is read', 'cuMemcpyDtoHAsync_v2', 0, 2],
  ])(
    'a device lost %s: the work goes on elsewhere from the last checkpoint',
    async (_, call, after, steps) => {
      const it = randomProgram(new Random(5), { nodes: 20 })
      const ours = start(it, open())
      let checkpoint: readonly Tensor[] = it.initialState
      for (let step = 0; step < steps; step++) {
        await ours.advance()
        checkpoint = await ours.state()
      }
      stub.fail(call, after, LAUNCH_FAILED)
      const lost = ours.advance().then(() => ours.state())
      await expect(lost).rejects.toThrow(DeviceLost)
      await expect(lost).rejects.toThrow(
        /was lost in cu\w+: CUDA_ERROR_LAUNCH_FAILED \(719\); continue from/,
      )
      await ours.close()

      const elsewhere = start(it, reference, checkpoint, steps)
      const plain = start(it, reference)
      while (plain.step < 4) await plain.advance()
      while (elsewhere.step < 4) await elsewhere.advance()
      expect(await elsewhere.stateRoot()).toBe(stateRoot(await plain.state()))
    },
  )
})
