/**
 * npm run bench:matmul -w offchain-repops [-- --threads 1,2 --quick --json --only REGEX]
 *
 * Matrix products of the native backend beside OpenBLAS and ONNX Runtime in one process, in turns, on the same
 * numbers of threads; each the best of many. Thin products also against a plain read of the same weights.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { availableParallelism } from 'node:os'
import type { Contender, Product } from './products/contender.ts'
import { engineContender } from './products/engineContender.ts'
import { onnxRuntime } from './products/onnxRuntime.ts'
import { bestCore, openBlas } from './products/openBlas.ts'
import { readBandwidth } from './products/readBandwidth.ts'
import { MATRICES, operations, THIN, title, type Shape } from './products/shapes.ts'

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    probe: { type: 'boolean', default: false },
  },
})

/** A turn computes for about so long; turns go on until a shape has had its share. */
const TURN_MS = 10
const SHAPE_MS = options.quick ? 300 : 2000
const LEAST_TURNS = options.quick ? 2 : 5
/** Threads of a pool go on looking for work for a while, at the cost of whoever comes next. */
const REST_MS = 30

interface Row {
  readonly shape: string
  readonly threads: number
  /** GFLOP/s by contender; undefined where it is not installed. */
  readonly rates: Record<string, number | undefined>
  /** GB/s at which the weights were read, and of a plain read of as many bytes; thin products only. */
  readonly bandwidth?: { readonly native: number; readonly plain: number }
}

if (options.probe) {
  console.log(await probe())
} else {
  await bench()
}

/** Rate of OpenBLAS with the kernels that the environment names. */
async function probe(): Promise<number> {
  const shape: Shape = { name: '', B: 1, M: 768, N: 768, K: 768 }
  const blas = openBlas(1, undefined)
  if (blas === undefined) return 0
  const product = await blas.prepare(shape, numbers(768 * 768), numbers(768 * 768))
  let best = Infinity
  for (let i = 0; i < 20; i++) best = Math.min(best, await product.run(1))
  return operations(shape) / best / 1e6
}

async function bench(): Promise<void> {
  const core = bestCore(fileURLToPath(import.meta.url))
  const listed = options.threads?.split(',').map(Number) ?? [1, availableParallelism()]
  const shapes = (options.quick ? [...MATRICES.slice(0, 6), ...THIN.slice(0, 4)] : [...MATRICES, ...THIN])
    .filter((shape) => new RegExp(options.only).test(title(shape))) // prettier-ignore
  const rows: Row[] = []
  for (const threads of new Set(listed)) {
    const native = engineContender(threads)
    const others = {
      OpenBLAS: openBlas(threads, core),
      'ONNX Runtime': await onnxRuntime(threads),
    }
    print(`${threads} thread${threads > 1 ? 's' : ''}: ${native.name}, ${Object.entries(others).map(([name, it]) => it?.name ?? `${name} is not installed`).join(', ')}`) // prettier-ignore
    for (const shape of shapes) {
      const row = await measure(shape, threads, { native, ...others })
      rows.push(row)
      print(line(row))
    }
  }
  if (options.json) console.log(JSON.stringify({ rows }))
}

function print(text: string): void {
  if (!options.json) console.log(text)
}

function line({ shape, rates, bandwidth }: Row): string {
  const { native, ...others } = rates
  const columns = [`${native!.toFixed(1).padStart(8)} GFLOP/s`]
  for (const [name, rate] of Object.entries(others)) {
    columns.push(
      rate === undefined
        ? `${name} not installed`
        : `${name} ${rate.toFixed(1).padStart(6)} (${(native! / rate).toFixed(2)})`,
    )
  }
  if (bandwidth) {
    const { native, plain } = bandwidth
    columns.push(
      `${native.toFixed(1)} of ${plain.toFixed(1)} GB/s (${(native / plain).toFixed(2)})`,
    )
  }
  return `${shape.padEnd(44)} ${columns.join('   ')}`
}

async function measure(
  shape: Shape,
  threads: number,
  contenders: Record<string, Contender | undefined>,
): Promise<Row> {
  const x = numbers(shape.B * shape.M * shape.K)
  const y = numbers(shape.B * shape.N * shape.K)
  const thin = THIN.includes(shape)
  const products = new Map<string, Product>()
  for (const [name, contender] of Object.entries(contenders)) {
    if (contender) products.set(name, await contender.prepare(shape, x, y))
  }
  const plain = thin ? readBandwidth(y.byteLength, threads) : undefined
  const turns = new Map<string, { run(times: number): Promise<number> }>(products)
  if (plain) turns.set('plain', plain)

  const best = new Map<string, number>()
  const times = new Map<string, number>()
  const start = performance.now()
  for (let turn = 0; turn < LEAST_TURNS || performance.now() - start < SHAPE_MS; turn++) {
    for (const [name, product] of turns) {
      if (threads > 1) {
        await new Promise((resolve) => setTimeout(resolve, REST_MS))
        await product.run(1) // which wakes the threads
      }
      const ms = await product.run(times.get(name) ?? 1)
      best.set(name, Math.min(ms, best.get(name) ?? Infinity))
      times.set(name, Math.max(1, Math.floor(TURN_MS / best.get(name)!)))
    }
  }
  agree(shape, products)
  for (const product of products.values()) await product.close()
  plain?.close()

  const rate = (name: string) =>
    best.has(name) ? operations(shape) / best.get(name)! / 1e6 : undefined
  const speed = (name: string) => y.byteLength / best.get(name)! / 1e6
  return {
    shape: title(shape),
    threads,
    rates: Object.fromEntries(Object.keys(contenders).map((name) => [name, rate(name)])),
    ...(plain ? { bandwidth: { native: speed('native'), plain: speed('plain') } } : {}),
  }
}

/** Throws where two contenders did not compute the same, but for rounding. */
function agree({ K }: Shape, products: ReadonlyMap<string, Product>): void {
  const [[, first], ...others] = products
  const expected = first.result()
  for (const [name, product] of others) {
    const actual = product.result()
    const at = expected.findIndex((value, i) => !(Math.abs(value - actual[i]) <= 1e-5 * K))
    if (at >= 0) {
      throw new Error(
        `${name} computed ${actual[at]} where native computed ${expected[at]}, element ${at}`,
      )
    }
  }
}

/** Values from −1 to 1. */
function numbers(count: number): Float32Array {
  const floats = new Float32Array(count)
  for (let i = 0, state = 1; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    floats[i] = state / 2 ** 31
  }
  return floats
}
