import type { TensorType } from '../program/wants.ts'
import type { Tensor } from '../tensor.ts'

/** Tensors that do not fit the program they are given to. */
export class TensorMismatchError extends Error {
  override readonly name = 'TensorMismatchError'
}

/** Throws a TensorMismatchError unless the tensors are what the entries of a program say. */
export function agreeWithEntries(
  what: 'state' | 'constant',
  entries: readonly (TensorType & { readonly name: string })[],
  tensors: readonly Tensor[],
): void {
  if (entries.length !== tensors.length)
    throw new TensorMismatchError(
      `the program has ${entries.length} ${what} tensors, ${tensors.length} were given`,
    )
  entries.forEach(({ name, type, count }, i) => {
    const given = tensors[i]
    if (given.type !== type || given.count !== count)
      throw new TensorMismatchError(
        `${what} ${i} (${name}) is ${count} elements of ${type}, got ${given.count} of ${given.type}`,
      )
  })
}
