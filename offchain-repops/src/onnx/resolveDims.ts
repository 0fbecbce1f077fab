import { OnnxError } from './OnnxError.ts'
import type { Port } from './OnnxModel.ts'
import type { Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'

/** How a dimension is called that the file gives no name: by its input and axis. */
const nameOf = (port: Port, axis: number): string => {
  const dim = port.dims?.[axis]
  return typeof dim === 'string' ? dim : `${port.name}.${axis}`
}

/**
 * The shapes of inputs, with lengths for the dimensions that have none in the file: from `dims`, or from the value
 * that an input is given or its shape. Throws an OnnxError that lists all that are missing.
 */
export function resolveDims(
  ports: readonly Port[],
  given: {
    readonly dims?: Readonly<Record<string, number>>
    readonly inputs?: ReadonlyMap<string, Value>
    readonly shapes?: ReadonlyMap<string, Shape>
  },
): (port: Port) => Shape {
  const known = new Map(Object.entries(given.dims ?? {}))
  for (const [name, length] of known)
    if (!(Number.isSafeInteger(length) && length >= 1))
      throw new OnnxError('dimension', `dimension ${name} cannot be ${length}`)
  const open = new Set<string>()
  for (const port of ports) {
    if (port.dims === undefined)
      throw new OnnxError(
        'dimension',
        `the model does not say how many dimensions input ${JSON.stringify(port.name)} has`,
      )
    port.dims.forEach((dim, axis) => {
      if (typeof dim === 'number' && dim > 0) return
      const name = nameOf(port, axis)
      open.add(name)
      const shape = given.inputs?.get(port.name)?.shape ?? given.shapes?.get(port.name)
      const length = shape?.[axis]
      if (length !== undefined && !known.has(name)) known.set(name, length)
    })
  }
  const unknown = Object.keys(given.dims ?? {}).find((name) => !open.has(name))
  if (unknown !== undefined)
    throw new OnnxError(
      'dimension',
      `the model has no open dimension ${unknown}${listed('; it has', [...open])}`,
    )
  const missing = [...open].filter((name) => !known.has(name))
  if (missing.length > 0)
    throw new OnnxError(
      'dimension',
      `the model leaves dimensions open that need a length: ${missing.join(', ')} (of ${ports
        .filter((port) => port.dims?.some((_, axis) => missing.includes(nameOf(port, axis))))
        .map((port) => `${port.name} [${(port.dims ?? []).map((dim) => dim ?? '?').join(', ')}]`)
        .join(', ')})`,
    )
  return (port) =>
    (port.dims ?? []).map((dim, axis) =>
      typeof dim === 'number' && dim > 0 ? dim : (known.get(nameOf(port, axis)) ?? 1),
    )
}

const listed = (intro: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `${intro} ${names.join(', ')}`
