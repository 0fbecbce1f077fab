import { beforeAll, describe, expect, test } from 'vitest'
import type { Kernel, MatMulKernel, Plan, Slot } from '../../../execute/plan/types.ts'
import { add } from '../../../numbers/arithmetic.ts'
import { bitsOf } from '../../../numbers/bits.ts'
import { dotSegment, fold } from '../../../numbers/reduction.ts'
import { Random } from '../../../testing/Random.ts'
import { Tensor } from '../../../tensor.ts'
import type { Backend } from '../../backend.ts'
import { webgpu } from '../index.ts'
import { testDevice } from '../testDevice.ts'
import { EXACT_HARDWARE } from '../wgsl/exactHardware.ts'
import { randomRows, reduced, rowsOf } from './randomRows.ts'

const device = testDevice()
let integers: Backend

beforeAll(async () => {
  integers = await webgpu(device(), { arithmetic: 'integers' })
})

const words = (random: Random, type: 'f32' | 'i32', count: number): Int32Array =>
  Int32Array.from({ length: count }, () => random.word(type))

/** A kernel and what it must write, given its inputs; `over` says which output lies in the words of which input. */
interface Case {
  readonly kernel: Kernel
  readonly inputs: readonly Int32Array[]
  readonly outputs: readonly Int32Array[]
  readonly over?: readonly (number | undefined)[]
}

/** Runs cases as tasks of one plan. Returns what they wrote. */
async function run(backend: Backend, cases: readonly Case[]): Promise<Int32Array[][]> {
  const slots: Slot[] = []
  let arenaWords = 0
  const slot = (count: number, offset?: number): number => {
    const place = { kind: 'arena', offset: offset ?? arenaWords } as const
    if (offset === undefined) arenaWords += Math.ceil(count / 256) * 256
    return slots.push({ type: 'i32', count, place }) - 1
  }
  const written: { slot: number; words: Int32Array }[] = []
  const tasks = cases.map(({ kernel, inputs, outputs, over }) => {
    const ins = inputs.map((own) => {
      const index = slot(own.length)
      written.push({ slot: index, words: own })
      return index
    })
    const outs = outputs.map((own, k) => {
      const input = over?.[k]
      const place = input === undefined ? undefined : slots[ins[input]].place
      return slot(own.length, place?.kind === 'arena' ? place.offset : undefined)
    })
    return { nodes: [], kernel, inputs: ins, outputs: outs, commit: false }
  })
  const program = { nodes: [], states: [], constants: [] }
  const plan: Plan = { program, slots, arenaWords, tasks }
  const executable = await backend.compile(plan)
  try {
    for (const it of written) await executable.write(it.slot, it.words)
    await executable.run(0, tasks.length, { step: 0, seed: 0n })
    const results: Int32Array[][] = []
    for (const { outputs } of tasks) {
      const own: Int32Array[] = []
      for (const output of outputs) own.push(await executable.read(output))
      results.push(own)
    }
    return results
  } finally {
    await executable.close()
  }
}

async function expectRun(backend: Backend, cases: readonly Case[]): Promise<void> {
  const results = await run(backend, cases)
  results.forEach((outputs, i) => {
    outputs.forEach((output, k) => {
      expect(output, `output ${k} of ${JSON.stringify(cases[i].kernel)}`).toEqual(cases[i].outputs[k]) // prettier-ignore
    })
  })
}

test('random instructions in one rows kernel have the bits of one after the other', async () => {
  const random = new Random(11)
  const cases = Array.from({ length: 24 }, () => {
    const kernel = randomRows(random)
    const inputs = kernel.strides.map((own, k) => {
      const count = 1 + own.reduce((sum, stride, axis) => sum + stride * (kernel.dims[axis] - 1), 0)
      return words(random, kernel.inputTypes[k], count)
    })
    const { outputs, over } = rowsOf(kernel, inputs)
    return { kernel, inputs, outputs, over }
  })
  expect(cases.some(({ over }) => over.some((input) => input !== undefined))).toBe(true)
  await expectRun(integers, cases)
})

test('columns of all lengths', async () => {
  const random = new Random(12)
  const cases = [1, 31, 256, 257, 700, 4400].flatMap((K) =>
    (['f32', 'i32'] as const).flatMap((type) =>
      (['ReduceSum', 'ReduceMax'] as const).map((op): Case => {
        const [O, I] = [random.between(1, 3), random.pick([1, 5, 40])]
        const x = words(random, type, O * K * I)
        if (type === 'f32' && random.chance(0.7)) x.forEach((w, i) => (x[i] = w & 0xbfffffff))
        const out = Int32Array.from({ length: O * I }, (_, e) => {
          const [o, i] = [Math.floor(e / I), e % I]
          const column = Int32Array.from({ length: K }, (_, k) => x[(o * K + k) * I + i])
          return reduced(op, new Tensor(type, column))
        })
        return { kernel: { kind: 'columns', op, type, O, K, I }, inputs: [x], outputs: [out] }
      }),
    ),
  )
  await expectRun(integers, cases)
})

describe('matrix products through strides', () => {
  const random = new Random(13)
  const cases = [
    [1, 70, 40], [70, 3, 300], [33, 65, 17], [66, 70, 520], [5, 5, 4200],
  ].flatMap(([M, N, K]) => [false, true].map((swapped) => product(M, N, K, swapped))) // prettier-ignore

  test('in integers', async () => {
    await expectRun(integers, cases)
  })

  test('with an exact fma of the device', async () => {
    await expectRun(await webgpu(device(), { hardware: EXACT_HARDWARE }), cases)
  })

  /** Two batch axes, one of them shared by x; swapped: operands and output lie column by column. */
  function product(M: number, N: number, K: number, swapped: boolean): Case {
    const batch = M * N * K > 100_000 ? [1, 1] : [2, 3]
    const strides = (rows: number, columns: number, along: readonly number[]) => ({
      batch: along.map((words) => words * rows * columns),
      row: swapped ? 1 : columns,
      column: swapped ? rows : 1,
    })
    const kernel: MatMulKernel = {
      kind: 'matmul', batch, M, N, K,
      x: strides(M, K, [0, 1]),
      y: strides(N, K, [batch[1], 1]),
      out: strides(M, N, [batch[1], 1]),
    } // prettier-ignore
    const x = Tensor.zeros('f32', batch[1] * M * K)
    const y = Tensor.zeros('f32', batch[0] * batch[1] * N * K)
    for (const { words: all } of [x, y])
      all.forEach((_, i) => (all[i] = random.word('f32') & (random.chance(0.99) ? 0xbfffffff : -1)))
    const out = new Int32Array(batch[0] * batch[1] * M * N)
    const [row, column] = [new Float32Array(K), new Float32Array(K)]
    for (let a = 0; a < batch[0]; a++)
      for (let b = 0; b < batch[1]; b++)
        for (let m = 0; m < M; m++)
          for (let n = 0; n < N; n++) {
            const at = ({ batch: steps, row: down, column: across }: MatMulKernel['x'], i: number, j: number) => a * steps[0] + b * steps[1] + i * down + j * across // prettier-ignore
            for (let k = 0; k < K; k++) {
              row[k] = x.floats[at(kernel.x, m, k)]
              column[k] = y.floats[at(kernel.y, n, k)]
            }
            const parts: number[] = []
            for (let k = 0; k < K; k += 256) parts.push(dotSegment(row, k, column, k, Math.min(256, K - k))) // prettier-ignore
            out[at(kernel.out, m, n)] = bitsOf(fold(parts, add))
          }
    return { kernel, inputs: [x.words, y.words], outputs: [out] }
  }
})

test('a Move whose map leaves 32 bits fills what lies outside', async () => {
  const far = 2 ** 40
  const inputs = [Int32Array.of(7, 8, 9)]
  const axis = { offset: -far, divisor: far, terms: [{ axis: 0, coefficient: far }] }
  const form = { family: 'move', inDims: [3], outDims: [6], fill: 5, axes: [axis] } as const
  const halves = { ...axis, offset: 1, divisor: 2 ** 39, terms: [{ axis: 0, coefficient: 2 ** 39 - 1 }] } // prettier-ignore
  await expectRun(integers, [
    { kernel: { kind: 'move', form }, inputs, outputs: [Int32Array.of(5, 7, 8, 9, 5, 5)] },
    {
      kernel: { kind: 'move', form: { ...form, axes: [halves] } },
      inputs,
      outputs: [Int32Array.of(5, 8, 5, 5, 5, 5)],
    },
  ])
})
