import koffi, { type LibraryHandle } from 'koffi'
import { Driver } from '../../src/backends/cuda/driver.ts'
import { bestSeconds } from './measure.ts'

/** out[b, m, n] = sum over k of x[b, m, k] · y[b, n, k], all dense. */
export interface Product {
  readonly batch: number
  readonly M: number
  readonly N: number
  readonly K: number
}

const LIBRARIES = ['libcublas.so.13', 'libcublas.so.12', 'libcublas.so.11']
const NO_TRANSPOSE = 0
const TRANSPOSE = 1
const DEFAULT_MATH = 0 // f32 as f32: TF32 has to be asked for

type Native = (...args: (number | bigint | NodeJS.TypedArray)[]) => number

/**
 * Seconds that cuBLAS takes for `times` products on values between −1 and 1, the shortest of several; undefined where its
 * library is not found. TF32 is off. The environment variable CUBLAS names the library where the linker does not know it.
 */
export async function cublasProduct(
  driverLibrary: string,
  { batch, M, N, K }: Product,
  times: number,
): Promise<number | undefined> {
  const library = load()
  if (library === undefined) return undefined
  const call = (name: string, types: string[]): ((...args: Parameters<Native>) => void) => {
    const native = library.func(name, 'int', types) as Native
    return (...args) => {
      const status = native(...args)
      if (status !== 0) throw new Error(`${name} failed with status ${status}`)
    }
  }
  const create = call('cublasCreate_v2', ['void *'])
  const destroy = call('cublasDestroy_v2', ['uint64_t'])
  const setStream = call('cublasSetStream_v2', ['uint64_t', 'uint64_t'])
  const setMode = call('cublasSetMathMode', ['uint64_t', 'int'])
  const multiply = call('cublasSgemmStridedBatched', [
    ...['uint64_t', 'int', 'int', 'int', 'int', 'int', 'void *'],
    ...['uint64_t', 'int', 'int64_t', 'uint64_t', 'int', 'int64_t', 'void *'],
    ...['uint64_t', 'int', 'int64_t', 'int'],
  ])

  const driver = new Driver(driverLibrary)
  driver.retainContext(0)
  const stream = driver.createStream()
  const counts = [batch * M * K, batch * N * K, batch * M * N]
  const [x, y, out] = counts.map((count) => driver.allocate(4 * count))
  for (const [i, address] of [x, y].entries()) {
    const values = Float32Array.from(
      { length: counts[i] },
      (_, e) => ((e * 7919) % 2001) / 1000 - 1,
    )
    driver.copyToDevice(address, koffi.address(values), values.byteLength, stream)
    while (!driver.isIdle(stream)) await new Promise(setImmediate)
  }
  const handle = new BigUint64Array(1)
  create(handle)
  try {
    setStream(handle[0], stream)
    setMode(handle[0], DEFAULT_MATH)
    const [one, zero] = [Float32Array.of(1), Float32Array.of(0)]
    return await bestSeconds(6, async () => {
      // Column by column, as cuBLAS reads: outᵀ [N, M] = y [N, K] · xᵀ [K, M].
      for (let i = 0; i < times; i++)
        multiply(
          ...[handle[0], TRANSPOSE, NO_TRANSPOSE, N, M, K, one],
          ...[y, K, N * K, x, K, M * K, zero],
          ...[out, N, M * N, batch],
        )
      while (!driver.isIdle(stream)) await new Promise(setImmediate)
    })
  } finally {
    destroy(handle[0])
    for (const address of [x, y, out]) driver.free(address)
    driver.destroyStream(stream)
  }
}

function load(): LibraryHandle | undefined {
  const named = process.env['CUBLAS']
  for (const name of named === undefined ? LIBRARIES : [named]) {
    try {
      return koffi.load(name)
    } catch (error) {
      if (named !== undefined) throw error
    }
  }
  return undefined
}
