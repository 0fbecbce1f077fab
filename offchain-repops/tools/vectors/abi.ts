import { encodeAbiParameters, type AbiParameter } from 'viem'

/**
 * A file of vectors: `abi[i]` is `abi.encode` of a struct for Solidity, `cases[i]` the same case for people
 * and TypeScript. `struct` says how the blob is decoded.
 */
export interface VectorFile<T> {
  readonly struct: string
  readonly abi: readonly `0x${string}`[]
  readonly cases: readonly T[]
}

/** A field of a struct: its Solidity type, or a struct or list of structs. */
type Field = string | { readonly list: boolean; readonly fields: Fields }
type Fields = Readonly<Record<string, Field>>

/** Makes the file: the fields of each case are encoded in the order of `fields`. */
export function vectorFile<T extends object>(fields: Fields, cases: readonly T[]): VectorFile<T> {
  const tuple = parameter('case', { list: false, fields })
  return {
    struct: describe(fields),
    abi: cases.map((value) => encodeAbiParameters([tuple], [value])),
    cases,
  }
}

/** Vectors of which people would read nothing: the blobs alone. */
export type Blobs = Omit<VectorFile<never>, 'cases'>

export function blobs(fields: Fields, cases: readonly object[]): Blobs {
  const { struct, abi } = vectorFile(fields, cases)
  return { struct, abi }
}

function parameter(name: string, field: Field): AbiParameter {
  if (typeof field === 'string') return { name, type: field }
  const components = Object.entries(field.fields).map(([key, value]) => parameter(key, value))
  return { name, type: field.list ? 'tuple[]' : 'tuple', components }
}

function describe(fields: Fields): string {
  const parts = Object.entries(fields).map(([name, field]) =>
    typeof field === 'string'
      ? `${field} ${name}`
      : `${describe(field.fields)}${field.list ? '[]' : ''} ${name}`,
  )
  return `(${parts.join(', ')})`
}
