import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { addonSourcesDigest } from '../../../native/sources.mjs'
import { stateRoot } from '../../commit/tensor.ts'
import { Execution } from '../../execute/Execution.ts'
import { StepReplay } from '../../execute/StepReplay.ts'
import { transformerJob } from '../../models/transformer.ts'
import { OPERATORS } from '../../ops/index.ts'
import type { Program } from '../../program/types.ts'
import { Random } from '../../testing/Random.ts'
import { randomProgram } from '../../testing/randomProgram.ts'
import { Tensor } from '../../tensor.ts'
import type { Backend } from '../backend.ts'
import { committedPrograms, committedVectors } from '../committedVectors.ts'
import { proveBackend } from '../conformance.ts'
import { provePrograms } from '../provePrograms.ts'
import { reference } from '../reference/index.ts'
import { AddonError, addonOf, loadAddon } from './addon.ts'
import { native, nativeInstructionSets } from './native.ts'

const vectors = committedVectors()
const sets = nativeInstructionSets().flatMap((instructionSet) =>
  [1, 3].map((threads) => ({ instructionSet, threads })),
)

test.each(sets)(
  'every operator is proved on $instructionSet, $threads threads',
  async (options) => {
    const rows = await proveBackend(native(options), vectors)
    expect(rows.filter(({ failure }) => failure !== undefined)).toEqual([])
    expect(rows).toHaveLength(OPERATORS.flatMap(({ types }) => types).length)
    const programs = await provePrograms(native(options), committedPrograms())
    expect(programs.map(({ failure }) => failure)).toEqual(programs.map(() => undefined))
  },
)

test.each(sets)(
  'training has the committed roots on $instructionSet, $threads threads',
  async (options) => {
    const text = readFileSync(new URL('../../../data/licences.txt', import.meta.url))
    const expected = JSON.parse(
      readFileSync(new URL('../../../vectors/training.json', import.meta.url), 'utf8'),
    ) as { stateRoots: string[]; graphRoots: string[] }
    const steps = expected.graphRoots.length
    const job = transformerJob({ text, steps, interval: 1, seed: 0x0123456789abcdefn })
    const backend = native(options)
    const execution = new Execution(job.program, backend, { ...job, state: job.initialState })
    for (let step = 0; step < steps; step++) {
      const replay = await StepReplay.create(job, { backend }, step, await execution.state())
      expect(replay.graph.root).toBe(expected.graphRoots[step])
      await execution.advance()
      expect(await execution.stateRoot()).toBe(expected.stateRoots[step + 1])
    }
    await execution.close()
  },
)

test('random programs have the state of the reference', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { program, initialState, constants } = randomProgram(new Random(seed))
    const roots = await Promise.all(
      [reference, ...sets.map(native)].map(async (backend) => {
        const execution = new Execution(program, backend, {
          state: initialState,
          constants,
          seed: BigInt(seed),
        })
        for (let step = 0; step < 3; step++) await execution.advance()
        const root = stateRoot(await execution.state())
        expect(await execution.stateRoot()).toBe(root)
        await execution.close()
        return root
      }),
    )
    expect(new Set(roots).size, `seed ${seed}`).toBe(1)
  }
})

test('sessions that pack and run at the same time do not disturb each other', async () => {
  const [M, N, K] = [64, 512, 256]
  const product: Program = {
    nodes: [
      {
        op: 'MatMul',
        type: 'f32',
        inputs: [
          { kind: 'state', ref: 0 },
          { kind: 'constant', ref: 0 },
        ],
        form: { family: 'matmul', B: 1, M, N, K, xShared: false, yShared: false },
      },
    ],
    states: [
      { name: 'x', type: 'f32', count: M * K, next: undefined },
      { name: 'out', type: 'f32', count: M * N, next: 0 },
    ],
    constants: [{ name: 'y', type: 'f32', count: N * K }],
  }
  const random = new Random(3)
  const numbers = (count: number): Tensor =>
    Tensor.f32(Array.from({ length: count }, () => random.below(2 ** 20) / 2 ** 20))
  const inputs = {
    state: [numbers(M * K), Tensor.zeros('f32', M * N)],
    constants: [numbers(N * K)],
    seed: 0n,
  }
  const rootOn = async (backend: Backend): Promise<string> => {
    const execution = new Execution(product, backend, inputs)
    await execution.advance()
    const root = await execution.stateRoot()
    await execution.close()
    return root
  }
  const expected = await rootOn(native({ threads: 1 }))
  for (let round = 0; round < 40; round++) {
    const backend = native({ threads: 3 })
    const roots = await Promise.all([1, 2, 3].map(() => rootOn(backend)))
    expect(roots).toEqual([expected, expected, expected])
  }
})

describe('the addon', () => {
  const addon = loadAddon()
  const opened = () => addon.open(addon.instructionSets[0], 1)

  test('refuses what is no session, or a closed one', () => {
    expect(() => {
      addon.addMemory({}, 1, 0)
    }).toThrow('argument 1 must be a session')
    const session = opened()
    addon.close(session)
    addon.close(session)
    expect(() => {
      addon.addMemory(session, 1, 0)
    }).toThrow('argument 1 must be an open session')
  })

  test('refuses slots outside of memory', () => {
    const session = opened()
    addon.addMemory(session, 10, 0)
    addon.addSlot(session, 0, 0, 10)
    for (const [memory, offset, count] of [[0, 1, 10], [0, -1, 5], [1, 0, 1], [0, 2 ** 52, 2 ** 52], [0, 0, -1]])
      expect(() => { addon.addSlot(session, memory, offset, count); }).toThrow('a slot') // prettier-ignore
    expect(() => {
      addon.read(session, 0, new Int32Array(9))
    }).toThrow('slot 0 has 10 words, not 9')
    expect(() => {
      addon.write(session, 1, new Int32Array(9))
    }).toThrow('no slot 1')
  })

  test('refuses memory that there is not', () => {
    expect(() => {
      addon.addMemory(opened(), 2 ** 52, 0)
    }).toThrow(`no memory for ${2 ** 52} words`)
  })

  test('refuses tasks that are cut short, too long or name unknown slots', () => {
    const session = opened()
    addon.addMemory(session, 10, 0)
    addon.addSlot(session, 0, 0, 10)
    const copy = [7, 0, 1, 0, 1, 0, 10]
    addon.addTask(session, Float64Array.from(copy))
    for (let length = 0; length < copy.length; length++)
      expect(() => {
        addon.addTask(session, Float64Array.from(copy.slice(0, length)))
      }).toThrow('task')
    expect(() => {
      addon.addTask(session, Float64Array.from([...copy, 0]))
    }).toThrow('length')
    expect(() => {
      addon.addTask(session, Float64Array.from([7, 0, 1, 1, 1, 0, 10]))
    }).toThrow('slot')
    expect(() => {
      addon.addTask(session, Float64Array.from([8, 0, 1, 0, 1, 0, 10]))
    }).toThrow('kind')
    expect(() => addon.run(session, 0, 2, 0, 0n)).toThrow('no tasks 0 to 2')
  })

  test('one call at a time, and memory stays until the last has ended', async () => {
    const session = opened()
    addon.addMemory(session, 1, 0)
    addon.addMemory(session, 2 ** 22, 0)
    addon.addSlot(session, 1, 0, 2 ** 22)
    const running = addon.roots(session, Float64Array.of(0))
    expect(() => {
      addon.addMemory(session, 1, 0)
    }).toThrow('a session that is not running')
    addon.close(session)
    expect(await running).toHaveLength(32)
  })

  test('refuses an instruction set that the processor lacks and impossible numbers of threads', () => {
    expect(() => addon.open('sse9', 1)).toThrow('this processor does not run kernels for sse9')
    for (const threads of [0, 257]) expect(() => addon.open('', threads)).toThrow('threads')
  })
})

describe('an addon of other sources', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-addon-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  /** The folder of a package with these bytes as its prebuilt addon. */
  const packageWith = (name: string, bytes: Uint8Array | string): string => {
    const place = join(folder, name, 'prebuilds', `${process.platform}-${process.arch}`)
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'repops.node'), bytes)
    return join(folder, name)
  }

  test('is refused with the way out', () => {
    const { sources } = loadAddon()
    expect(sources, 'npm run build:native -w offchain-repops').toBe(addonSourcesDigest())
    const file = fileURLToPath(new URL('../../../build/Release/repops.node', import.meta.url))
    const bytes = readFileSync(file)
    expect(addonOf(packageWith('same', bytes)).sources).toBe(sources)
    const at = bytes.indexOf(`repops-sources:${sources}`)
    expect(at).toBeGreaterThan(0)
    bytes.write('abababab', at + 'repops-sources:'.length)
    const other = packageWith('other', bytes)
    expect(() => addonOf(other)).toThrow(AddonError)
    expect(() => addonOf(other)).toThrow(
      /^the native engine was compiled from other sources \(abababab\) than those beside it \([0-9a-f]{8}\): build it again/,
    )
  })

  test('and one that does not load says so', () => {
    const broken = packageWith('broken', 'no addon')
    expect(() => addonOf(broken)).toThrow(/^no native engine for /)
  })
})
