import { beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../commit/hash.ts'
import { tensorRoot } from '../../commit/tensor.ts'
import { Execution } from '../../execute/Execution.ts'
import type { Plan } from '../../execute/plan/types.ts'
import { Random } from '../../testing/Random.ts'
import { randomProgram } from '../../testing/randomProgram.ts'
import { Tensor } from '../../tensor.ts'
import type { Backend } from '../backend.ts'
import { reference } from '../reference/index.ts'
import { openDevice, webgpu } from './index.ts'
import { testDevice } from './testDevice.ts'

const device = testDevice()
let backend: Backend

beforeAll(async () => {
  backend = await webgpu(device())
})

/** A plan whose tasks copy `count` words from state 0 to the arena and on to state 1, and commit to both. */
function copies(count: number, program = ['from', 'to']): Plan {
  const states = program.map((name) => ({ name, type: 'i32' as const, count, next: undefined }))
  const kernel = { kind: 'copy', count } as const
  return {
    program: { nodes: [], states, constants: [] },
    slots: [
      { type: 'i32', count, place: { kind: 'state', ref: 0 } },
      { type: 'i32', count, place: { kind: 'state', ref: 1 } },
      { type: 'i32', count, place: { kind: 'arena', offset: 256 } },
    ],
    arenaWords: 256 + count,
    tasks: [
      { nodes: [], kernel, inputs: [0], outputs: [2], commit: true },
      { nodes: [], kernel, inputs: [2], outputs: [1], commit: true },
    ],
  }
}

const context = { step: 0, seed: 0n }

describe.each([1, 3, 5])('random program %i', (seed) => {
  const it = randomProgram(new Random(seed), { nodes: 14 })

  test('has the state and the roots of the reference', async () => {
    const [expected, actual] = [reference, backend].map(
      (own) =>
        new Execution(it.program, own, {
          state: it.initialState,
          constants: it.constants,
          seed: it.seed,
        }),
    )
    for (let step = 0; step < 2; step++) {
      const [roots, own] = [await expected.advanceCommitting(), await actual.advanceCommitting()]
      expect(toHex(own)).toBe(toHex(roots))
    }
    await expected.advance()
    await actual.advance()
    expect((await actual.state()).map(({ words }) => words)).toEqual(
      (await expected.state()).map(({ words }) => words),
    )
    expect(await actual.stateRoot()).toBe(await expected.stateRoot())
    await expected.close()
    await actual.close()
  })
})

test('roots of tensors of every length, as soon as their task is done', async () => {
  for (const count of [1, 2, 255, 256, 257, 5000]) {
    const executable = await backend.compile(copies(count))
    const tensor = Tensor.i32(Int32Array.from({ length: count }, (_, i) => Math.imul(i, 0x9e3779b1))) // prettier-ignore
    const [root, zero] = [tensorRoot(tensor), tensorRoot(Tensor.zeros('i32', count))]
    await executable.write(0, tensor.words)
    expect(toHex(await executable.roots([1, 0]))).toBe(`${zero}${root.slice(2)}`)
    expect(toHex(await executable.run(0, 1, context))).toBe(root)
    expect(await executable.read(2)).toEqual(tensor.words)
    expect(await executable.read(1)).toEqual(new Int32Array(count))
    await executable.write(0, new Int32Array(count))
    expect(toHex(await executable.run(0, 2, context))).toBe(`${zero}${zero.slice(2)}`)
    await executable.close()
  }
})

test('what is more than the device binds or holds is refused with the figures', async () => {
  const { maxStorageBufferBindingSize, maxBufferSize } = device().limits
  const wide = maxStorageBufferBindingSize / 4 + 64
  const named = (bytes: number): RegExp => new RegExp(`\\b${bytes}\\b`)
  for (const [count, limit] of [
    [wide, maxStorageBufferBindingSize],
    [Math.ceil(maxBufferSize / 4) + 64, maxBufferSize],
  ]) {
    const refusal = backend.compile(copies(count))
    await expect(refusal).rejects.toMatchObject({ name: 'WebGpuError', code: 'memory' })
    await expect(refusal).rejects.toThrow(named(limit))
  }
})

test('a closed executable is of no use, and may be closed again', async () => {
  const executable = await backend.compile(copies(1))
  await executable.close()
  await executable.close()
  await expect(executable.read(0)).rejects.toMatchObject({ code: 'closed' })
  await expect(executable.run(0, 1, context)).rejects.toMatchObject({ code: 'closed' })
})

test('a device that goes away fails what runs and what comes after', async () => {
  const own = await openDevice()
  const executable = await (await webgpu(own.device, { arithmetic: 'integers' })).compile(copies(1 << 20)) // prettier-ignore
  const running = executable.run(0, 2, context)
  own.close()
  const lost = { name: 'WebGpuError', code: 'lost' }
  await expect(running).rejects.toMatchObject(lost)
  await expect(executable.read(1)).rejects.toMatchObject(lost)
  await expect(executable.write(0, new Int32Array(1 << 20))).rejects.toMatchObject(lost)
  await executable.close()
})

test('words of a wrong number, or of a slot that has none, are refused', async () => {
  const executable = await backend.compile(copies(3))
  await expect(executable.write(0, new Int32Array(4))).rejects.toThrow('slot 0')
  await executable.close()
})

test('a closed backend is of no use, may be closed again, and leaves the device alone', async () => {
  const own = await webgpu(device(), { arithmetic: 'integers' })
  await (await own.compile(copies(1))).close()
  await own.close()
  await own.close()
  await expect(own.compile(copies(1))).rejects.toMatchObject({ code: 'closed' })
  await (await backend.compile(copies(1))).close()
})

test('what a plan takes is said before it is taken, with the limit of a buffer', () => {
  const needs = backend.needs(copies(1000))
  const roomBytes = device().limits.maxBufferSize
  const words = { arena: copies(1000).arenaWords, states: 2 * 1024, constants: 0 }
  expect(needs).toEqual(
    Object.entries(words).map(([name, count]) => ({
      ...{ what: `buffer of the ${name}`, bytes: 4 * count, roomBytes },
    })),
  )
})
