import { beforeEach, describe, expect, test } from 'vitest'
import { KERNELS } from './kernels.ts'
import { mayWriteOver } from '../../execute/plan/inPlace.ts'
import type { Plan, RowsKernel, Slot } from '../../execute/plan/types.ts'
import { tensorRoot } from '../../commit/tensor.ts'
import { packHashes } from '../../commit/merkle.ts'
import { Random } from '../../testing/Random.ts'
import type { CudaBackend } from './CudaBackend.ts'
import { rowsLaunches } from './launches/rows.ts'
import { openCuda } from './openCuda.ts'
import { randomColumns, randomMatMul, randomRows, type RandomKernel } from './randomKernel.ts'
import { stubDriver } from './stubDriver.ts'

/** Kernels as fusion makes them, against the definition: run by the stub driver from the very sources that GPUs get. */

const stub = stubDriver()

beforeEach(() => {
  stub.reset()
})

function open(processors?: number): CudaBackend {
  stub.reset({ processors })
  return openCuda(stub.path)
}

/** Runs the kernel, outputs over inputs where that is allowed and `overwrites`, and compares every word. */
async function check(backend: CudaBackend, it: RandomKernel, overwrites: boolean): Promise<void> {
  const { kernel, inputs, outputs } = it
  const slots: Slot[] = []
  let arenaWords = 0
  const place = (count: number): number => {
    const offset = arenaWords
    arenaWords += Math.ceil(count / 256) * 256
    return offset
  }
  const taken = new Set<number>()
  const inputSlots = inputs.map(({ type, count }) =>
    slots.push({ type, count, place: { kind: 'arena', offset: place(count) } }) - 1,
  ) // prettier-ignore
  const outputSlots = outputs.map(({ type, count }, output) => {
    const over = inputs.findIndex(
      (input, i) =>
        overwrites && !taken.has(i) && input.count === count && mayWriteOver(kernel, output, i),
    )
    if (over >= 0) taken.add(over)
    const where = over >= 0 ? slots[over].place : ({ kind: 'arena', offset: place(count) } as const)
    return slots.push({ type, count, place: where }) - 1
  })
  const task = { nodes: [], kernel, inputs: inputSlots, outputs: outputSlots, commit: true }
  const program = { nodes: [], states: [], constants: [] }
  const plan: Plan = { program, slots, arenaWords, tasks: [task] }
  const executable = await backend.compile(plan)
  try {
    for (const [i, slot] of inputSlots.entries()) await executable.write(slot, inputs[i].words)
    const roots = await executable.run(0, 1, { step: 0, seed: 0n })
    for (const [i, slot] of outputSlots.entries()) {
      const words = await executable.read(slot)
      const wrong = words.findIndex((word, e) => word !== outputs[i].words[e])
      expect(
        wrong,
        `output ${i}, word ${wrong}: ${words[wrong] >>> 0} for ${outputs[i].words[wrong] >>> 0}`,
      ).toBe(-1)
    }
    expect(Buffer.from(roots)).toEqual(Buffer.from(packHashes([tensorRoot(outputs[0])])))
  } finally {
    await executable.close()
  }
}

const LENGTHS = [1, 2, 31, 32, 33, 255, 256, 257, 600, 1025, 3000, 4096, 4097, 5000, 70_000]

test.each(LENGTHS)('rows of %i elements', async (length) => {
  const backend = open()
  const random = new Random(length)
  const tries = length > 10_000 ? 1 : 6
  for (let i = 0; i < tries; i++) {
    const reduces = i % 3 !== 2
    const instructions = random.between(1, length > 10_000 ? 6 : 14)
    await check(backend, randomRows(random, { instructions, length, reduces }), i % 2 === 0)
  }
})

test('more values at a time than shared memory holds', async () => {
  const backend = open()
  const random = new Random(7)
  let spilled = 0
  for (const [length, reduces] of [[700, true], [3000, true], [5000, true], [3000, false]] as const) {
    const it = randomRows(random, { instructions: 50, length, reduces })
    if (it.kernel.kind === 'rows') spilled += spillOf(it.kernel) === 0n ? 0 : 1
    await check(backend, it, false)
  }
  expect(spilled).toBeGreaterThan(1)
}) // prettier-ignore

/** Where a kernel keeps its values, for a workspace at address 1; 0 for shared memory. */
function spillOf(kernel: RowsKernel): bigint {
  const workspace = {
    ...{ processors: 4, sharedBytes: 99 * 1024, context: 1n },
    table: () => 1n,
    scratch: () => 1n,
  }
  const [{ parameters }] = rowsLaunches(kernel, kernel.strides.map(() => 1n), [], workspace)
  return parameters[7] // struct RowsParameters
} // prettier-ignore

const launched = new Set<string>()

describe.each([1, 132])('matrix products on %i processors', (processors) => {
  test.each([
    { batch: [], M: 1, N: 300, K: 700 },
    { batch: [3], M: 5, N: 130, K: 257 },
    { batch: [], M: 70, N: 3, K: 40 },
    { batch: [], M: 129, N: 130, K: 300 },
    { batch: [2, 3], M: 33, N: 40, K: 17 },
    { batch: [2, 2], M: 64, N: 20, K: 515 },
    { batch: [], M: 9, N: 10, K: 4500 },
    { batch: [], M: 256, N: 250, K: 33 },
    { batch: [3], M: 128, N: 64, K: 20 },
    { batch: [], M: 2, N: 1, K: 70_000 },
    { batch: [], M: 9, N: 9, K: 66_000 },
  ])('$batch x $M x $N x $K', async (size) => {
    const backend = open(processors)
    const random = new Random(size.M + size.K)
    const tries = size.M * size.N * size.K > 3e6 ? 2 : 4
    for (let i = 0; i < tries; i++) await check(backend, randomMatMul(random, size), false)
    for (const { name } of KERNELS) if (stub.calls(`repops_${name}`) > 0) launched.add(name)
  })
})

test('every kernel for products was among them', () => {
  const products = KERNELS.map(({ name }) => name).filter((name) => /^(matmul|thin)_/.test(name))
  expect([...launched].filter((name) => products.includes(name)).sort()).toEqual(products.sort())
})

test('column sums and maxima', async () => {
  const backend = open()
  const random = new Random(3)
  const sizes = [[1, 1, 1], [2, 31, 5], [1, 256, 40], [3, 300, 7], [1, 4500, 9], [2, 66_000, 1]] // prettier-ignore
  for (const [O, K, I] of sizes)
    for (let i = 0; i < 3; i++) await check(backend, randomColumns(random, O, K, I), false)
})
