/**
 * npm run bench:cuda -w offchain-repops [-- --json] [--quick] [--batch 8] [--driver libcuda.so.1]
 *
 * What the first NVIDIA GPU does: every operator proved on the vectors; matrix products beside cuBLAS in plain f32 (where its library
 * is found; CUBLAS names it otherwise); hashing; training of GPT-2 small, beside PyTorch where python3 has it, and of a small GPT-2 whose state roots are compared
 * with those of the processor after every step. Ends with 1 where there is no device or a bit differs. Best of several runs.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openBackendByName } from '../../src/backends/byName.ts'
import { committedVectors } from '../../src/backends/committedVectors.ts'
import { proveBackend } from '../../src/backends/conformance.ts'
import type { CudaBackend } from '../../src/backends/cuda/CudaBackend.ts'
import { LIBRARY } from '../../src/backends/cuda/driver.ts'
import { CudaUnavailable } from '../../src/backends/cuda/errors.ts'
import { openCuda } from '../../src/backends/cuda/openCuda.ts'
import type { Backend } from '../../src/backends/backend.ts'
import { Execution } from '../../src/execute/Execution.ts'
import type { Plan, Task } from '../../src/execute/plan/types.ts'
import { gpt2, GPT2_SMALL, randomTrainingJob, type ModelRun } from '../../src/models/gpt2.ts'
import { Random } from '../../src/testing/Random.ts'
import { cublasProduct, type Product } from './cublas.ts'
import { bestSeconds } from './measure.ts'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    batch: { type: 'string', default: '8' },
    driver: { type: 'string', default: LIBRARY },
  },
})

interface Row {
  readonly name: string
  readonly value: number | undefined
  readonly unit: string
  readonly limit?: number
}

const rows: Row[] = []
let isRight = true

function report(row: Row): void {
  rows.push(row)
  const value = row.value === undefined ? 'not measured' : row.value.toPrecision(4)
  console.log(`${row.name.padEnd(44)} ${value.padStart(12)} ${row.unit}`)
}

async function conformance(backend: Backend): Promise<void> {
  const operators = await proveBackend(backend, committedVectors())
  for (const { op, type, failure } of operators) {
    if (failure === undefined) continue
    isRight = false
    console.log(`REFUSED ${op} ${type}: ${failure}`)
  }
  const proved = operators.filter(({ failure }) => failure === undefined).length
  report({ name: 'operators proved', value: proved, unit: `of ${operators.length}` })
}

/** One product again and again, in one graph. */
function productPlan({ batch, M, N, K }: Product, times: number): Plan {
  const counts = [batch * M * K, batch * N * K, batch * M * N]
  let arenaWords = 0
  const slots = counts.map((count) => {
    const offset = arenaWords
    arenaWords += Math.ceil(count / 256) * 256
    return { type: 'f32', count, place: { kind: 'arena', offset } } as const
  })
  const strides = (rows: number, columns: number) =>
    ({ batch: [rows * columns], row: columns, column: 1 }) as const
  const kernel = {
    kind: 'matmul',
    ...{ batch: [batch], M, N, K, x: strides(M, K), y: strides(N, K), out: strides(M, N) },
  } as const
  const task: Task = { nodes: [], kernel, inputs: [0, 1], outputs: [2], commit: false }
  const program = { nodes: [], states: [], constants: [] }
  return { program, slots, arenaWords, tasks: Array.from({ length: times }, () => task) }
}

async function product(backend: CudaBackend, shape: Product): Promise<void> {
  const { batch, M, N, K } = shape
  const operations = 2 * batch * M * N * K
  const times = Math.max(1, Math.min(100, Math.ceil(2e11 / operations)))
  const executable = await backend.compile(productPlan(shape, times))
  const random = new Random(1)
  const words = (count: number): Int32Array => {
    const floats = Float32Array.from({ length: count }, () => random.below(2 ** 24) / 2 ** 23 - 1)
    return new Int32Array(floats.buffer)
  }
  await executable.write(0, words(batch * M * K))
  await executable.write(1, words(batch * N * K))
  const run = (): Promise<unknown> => executable.run(0, times, { step: 0, seed: 0n })
  await run()
  await run()
  const ours = (operations * times) / (await bestSeconds(5, run)) / 1e12
  await executable.close()
  const theirs = await cublasProduct(options.driver, shape, times)
  const name = `${batch > 1 ? `${batch} x ` : ''}${M} x ${N} x ${K}`
  report({ name: `product ${name}`, value: ours, unit: 'TFLOP/s' })
  const cublas = theirs === undefined ? undefined : (operations * times) / theirs / 1e12
  report({ name: `product ${name} cuBLAS`, value: cublas, unit: 'TFLOP/s' })
  const share = cublas === undefined ? undefined : ours / cublas
  report({ name: `product ${name} of cuBLAS`, value: share, unit: '', limit: 0.9 })
}

async function hashing(backend: CudaBackend, count: number): Promise<void> {
  const executable = await backend.compile({
    program: {
      nodes: [],
      states: [{ name: '', type: 'i32', count, next: undefined }],
      constants: [],
    },
    slots: [{ type: 'i32', count, place: { kind: 'state', ref: 0 } }],
    arenaWords: 0,
    tasks: [],
  })
  await executable.write(0, new Int32Array(count))
  const seconds = await bestSeconds(5, () => executable.roots([0]))
  await executable.close()
  report({
    name: `tensor root of ${count * 4} bytes`,
    value: (count * 4) / seconds / 1e9,
    unit: 'GB/s',
  })
}

/** Seconds of a step. */
async function training(backend: Backend, run: ModelRun, name: string): Promise<number> {
  const job = randomTrainingJob(run, 100, 100)
  const { program, initialState, constants, seed } = job
  const execution = new Execution(program, backend, { state: initialState, constants, seed })
  await execution.advance() // task by task
  await execution.advance() // recorded as a graph
  const seconds = await bestSeconds(5, () => execution.advance())
  await execution.close()
  report({ name: `${name} step`, value: seconds * 1000, unit: 'ms' })
  report({ name: `${name} training`, value: (run.batch * run.length) / seconds, unit: 'tokens/s' })
  return seconds
}

/** Milliseconds of the step in PyTorch on the same device, where there is one. */
function pytorchStepMs(batch: number): number | undefined {
  const script = fileURLToPath(new URL('gpt2_torch.py', import.meta.url))
  const run = spawnSync('python3', [script, String(batch)], { encoding: 'utf8' })
  if (run.status === 0) return Number(run.stdout)
  console.log(`no figure of PyTorch: ${run.stderr.trim().split('\n').at(-1) ?? 'no python3'}`)
  return undefined
}

/** State roots of the same job after every step, here and on the processor. */
async function sameBits(backend: Backend, run: ModelRun, steps: number): Promise<void> {
  const processor = await openBackendByName('auto')
  const { program, initialState, constants, seed } = randomTrainingJob(run, steps, 1)
  const [ours, theirs] = [backend, processor].map(
    (each) => new Execution(program, each, { state: initialState, constants, seed }),
  )
  let equal = 0
  for (; equal < steps; equal++) {
    await Promise.all([ours.advance(), theirs.advance()])
    const [root, other] = [await ours.stateRoot(), await theirs.stateRoot()]
    if (root !== other) break
    if (equal === steps - 1) console.log(`state root after ${steps} steps: ${root}`)
  }
  await Promise.all([ours.close(), theirs.close()])
  isRight &&= equal === steps
  report({ name: `steps with the bits of ${processor.name}`, value: equal, unit: `of ${steps}` })
}

const SQUARES = [512, 1024, 2048, 4096].map((n) => ({ batch: 1, M: n, N: n, K: n }))
/** Products of a layer of GPT-2 small at 8 x 1,024 tokens: forward, a gradient of a weight, attention, logits. */
const OF_GPT2 = [
  { batch: 1, M: 8192, N: 2304, K: 768 },
  { batch: 1, M: 8192, N: 768, K: 3072 },
  { batch: 1, M: 768, N: 3072, K: 8192 },
  { batch: 1, M: 768, N: 768, K: 8192 },
  { batch: 96, M: 1024, N: 1024, K: 64 },
  { batch: 96, M: 1024, N: 64, K: 1024 },
  { batch: 1, M: 8192, N: 50257, K: 768 },
  { batch: 1, M: 1, N: 50257, K: 768 },
  { batch: 1, M: 1, N: 16384, K: 16384 },
]

async function main(): Promise<void> {
  const backend = openCuda(options.driver)
  console.log(`device: ${backend.device.name}, ${backend.device.processors} multiprocessors`)
  await conformance(backend)
  const { quick } = options
  const small = gpt2({ vocabulary: 300, context: 32, width: 48, layers: 2, heads: 3 })
  const tiny: ModelRun = { config: small, batch: 2, length: quick ? 8 : 32, seed: 1n }
  await sameBits(backend, tiny, quick ? 3 : 50)
  for (const shape of quick ? [{ batch: 2, M: 40, N: 70, K: 30 }] : [...SQUARES, ...OF_GPT2])
    await product(backend, shape)
  await hashing(backend, quick ? 2 ** 12 : 2 ** 28)
  if (quick) await training(backend, tiny, 'small GPT-2')
  else {
    const batch = Number(options.batch)
    const job: ModelRun = { config: GPT2_SMALL, batch, length: 1024, seed: 1n }
    const ours = await training(backend, job, 'GPT-2 small')
    const theirs = pytorchStepMs(batch)
    report({ name: 'GPT-2 small step PyTorch eager', value: theirs, unit: 'ms' })
    const share = theirs === undefined ? undefined : theirs / 1000 / ours
    report({ name: 'GPT-2 small speed of PyTorch', value: share, unit: '', limit: 0.9 })
  }
  if (options.json) console.log(JSON.stringify({ device: backend.device.name, rows }))
  await backend.close()
}

try {
  await main()
} catch (error) {
  if (!(error instanceof CudaUnavailable)) throw error
  console.error(`no figures, for there is no device: ${error.message}`)
  isRight = false
}
process.exitCode = isRight ? 0 : 1
