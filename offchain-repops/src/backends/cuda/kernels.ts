import { readFileSync } from 'node:fs'
import { PTX_SOURCES } from './origin.ts'

/**
 * The kernels of cuda/kernels that are launched, and the eight-byte words of the struct that each takes. The PTX beside them
 * says the same: kernels.test.ts.
 */
export const KERNELS = [
  ...['sum_f32', 'sum_i32', 'max_f32', 'max_i32'].map((kind) => kernel(`columns_${kind}`, 8)),
  kernel('concat', 21),
  kernel('fold', 7),
  kernel('gather', 10),
  kernel('iota', 2),
  kernel('leaves', 3),
  ...['matmul_128x128', 'matmul_128x64', 'matmul_64x64', 'thin_1', 'thin_8'].map((name) =>
    kernel(name, 27),
  ),
  kernel('matmul_fold', 12),
  kernel('move', 9),
  kernel('philox', 4),
  kernel('rows', 18, true),
  kernel('rows_flat', 18, true),
  kernel('scatter_add', 10),
  kernel('scatter_sort', 7),
  kernel('tree_row', 5),
  kernel('tree_top', 5),
] as const

function kernel(
  name: string,
  words: number,
  dynamicShared = false,
): { readonly name: string; readonly words: number; readonly dynamicShared: boolean } {
  return { name, words, dynamicShared }
}

/**
 * Text of all kernels for any NVIDIA GPU of compute capability 7.5 or later; the driver compiles it for the one at hand.
 * Throws an Error if it is not of the version that the structs here are of.
 */
export function kernelImage(
  path: string | URL = new URL('../../../cuda/kernels.ptx', import.meta.url),
): string {
  const text = readFileSync(path, 'utf8')
  const said = /^\/\/ ([0-9a-f]{64})$/m.exec(text)?.[1] ?? 'unknown'
  if (said !== PTX_SOURCES)
    throw new Error(
      `cuda/kernels.ptx was compiled from other sources (${said.slice(0, 8)}) than the code that loads it expects ` +
        `(${PTX_SOURCES.slice(0, 8)}): take both from the same version of the package`,
    )
  return text
}
