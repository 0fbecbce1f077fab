import { spawnSync } from 'node:child_process'
import koffi from 'koffi'
import type { Contender } from './contender.ts'

const ROW_MAJOR = 101
const PLAIN = 111
const TRANSPOSED = 112

/** Kernels of OpenBLAS that may be the best ones for a processor that it does not know. */
const CORES = ['SkylakeX', 'Cooperlake', 'SapphireRapids', 'Zen', 'Haswell', 'NEOVERSEN1', 'ARMV8']
const LIBRARIES = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll']

type Call = (...operands: (number | Float32Array)[]) => void

/**
 * OpenBLAS with the kernels of `core` (see bestCore; it reads them once, when it is loaded), or undefined where it is
 * not installed. One row is a matrix-vector product (sgemv), everything else sgemm.
 */
export function openBlas(threads: number, core: string | undefined): Contender | undefined {
  if (core !== undefined) process.env.OPENBLAS_CORETYPE = core
  const library = load()
  if (library === undefined) return undefined
  const gemm = library.func(
    'void cblas_sgemm(int, int, int, int, int, int, float, void*, int, void*, int, float, void*, int)',
  ) as Call
  const gemv = library.func(
    'void cblas_sgemv(int, int, int, int, float, void*, int, void*, int, float, void*, int)',
  ) as Call
  const setThreads = library.func('void openblas_set_num_threads(int)') as Call
  const coreName = library.func('const char* openblas_get_corename()') as () => string
  return {
    name: `OpenBLAS (${coreName()})`,
    prepare(shape, x, y) {
      const { B, M, N, K, xTransposed = false, yTransposed = false } = shape
      const out = new Float32Array(B * M * N)
      const part = (all: Float32Array, b: number) =>
        all.subarray((b * all.length) / B, ((b + 1) * all.length) / B)
      const calls = Array.from({ length: B }, (_, b) => {
        const [xb, yb, outb] = [part(x, b), part(y, b), part(out, b)]
        const leading = yTransposed ? N : K
        if (M === 1) {
          const [rows, columns] = yTransposed ? [K, N] : [N, K]
          return () => {
            gemv(ROW_MAJOR, yTransposed ? TRANSPOSED : PLAIN, rows, columns, 1, yb, leading, xb, 1, 0, outb, 1) // prettier-ignore
          }
        }
        return () => {
          gemm(
            ROW_MAJOR, xTransposed ? TRANSPOSED : PLAIN, yTransposed ? PLAIN : TRANSPOSED, M, N, K,
            1, xb, xTransposed ? M : K, yb, leading, 0, outb, N,
          ) // prettier-ignore
        }
      })
      return Promise.resolve({
        run(times) {
          setThreads(threads)
          const start = performance.now()
          for (let i = 0; i < times; i++) for (const call of calls) call()
          return Promise.resolve((performance.now() - start) / times)
        },
        result: () => out,
        close: () => Promise.resolve(),
      })
    },
  }
}

function load() {
  for (const name of LIBRARIES) {
    try {
      return koffi.load(name)
    } catch {
      // The next one.
    }
  }
  return undefined
}

/** The core whose kernels are the fastest here, each tried in a process of its own: `script --probe` prints a rate. */
export function bestCore(script: string): string | undefined {
  let best: { core: string | undefined; rate: number } = { core: undefined, rate: 0 }
  for (const core of [undefined, ...CORES]) {
    const environment = { ...process.env }
    if (core !== undefined) environment.OPENBLAS_CORETYPE = core
    const probe = spawnSync(process.execPath, [...process.execArgv, script, '--probe'], {
      encoding: 'utf8',
      env: environment,
    })
    const rate = probe.status === 0 ? Number(probe.stdout) : 0
    if (rate > best.rate) best = { core, rate }
  }
  return best.core
}
