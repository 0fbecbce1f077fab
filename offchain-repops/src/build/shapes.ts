import { product } from '../program/wants.ts'

/** A program that cannot be built: shapes, types or axes that do not go together. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
}

export type Shape = readonly number[]

/** The shape to which all of them broadcast, aligned at their last axes. */
export function broadcastShapes(shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1)
    const dim = Math.max(...sizes)
    if (sizes.some((size) => size !== 1 && size !== dim))
      throw new BuildError(`shapes ${shapes.map(show).join(', ')} do not broadcast together`)
    return dim
  })
}

/** Bit a is set where a value of this shape varies along axis a of the broadcast shape. */
export function broadcastMask(shape: Shape, rank: number): number {
  return shape.reduce(
    (mask, dim, i) => (dim === 1 ? mask : mask | (1 << (rank - shape.length + i))),
    0,
  )
}

/** An axis counted from the front; negative ones count from the end. */
export function axisOf(shape: Shape, axis: number): number {
  const index = axis < 0 ? axis + shape.length : axis
  if (!(index >= 0 && index < shape.length))
    throw new BuildError(`a value of shape ${show(shape)} has no axis ${axis}`)
  return index
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i])

/** The shape with one −1 replaced by what the count leaves for it. */
export function resolveShape(shape: Shape, count: number): number[] {
  const known = product(shape.filter((dim) => dim !== -1))
  const resolved = shape.map((dim) => (dim === -1 ? count / known : dim))
  if (product(resolved) !== count || resolved.some((dim) => !Number.isInteger(dim) || dim < 1))
    throw new BuildError(`${count} elements do not have the shape ${show(shape)}`)
  return resolved
}

export const show = (shape: Shape): string => `[${shape.join(', ')}]`
