import { readdirSync, readFileSync } from 'node:fs'
import type { KernelVector, ScalarVector, Vectors } from './conformance.ts'
import type { ProgramVectors } from './provePrograms.ts'

const folder = new URL('../../vectors/', import.meta.url)

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))

/** The vectors that ship with the package, for `proveBackend`. Reads files; about a megabyte. */
export function committedVectors(): Vectors {
  const { kernels } = read('kernels.json') as { kernels: KernelVector[] }
  const names = readdirSync(new URL('scalars/', folder)).sort()
  return { kernels, scalars: names.map((name) => read(`scalars/${name}`) as ScalarVector) }
}

/** The state roots that ship with the package, for `provePrograms`. */
export function committedPrograms(): ProgramVectors {
  return read('programs.json') as ProgramVectors
}
