import type { Instruction, Kernel, RowsKernel } from './types.ts'

/**
 * Whether an output of a kernel may lie in the words of one of its inputs: the kernel reads the one element by element
 * in the order in which it writes the other, no instruction behind the stored one reads that input, and none goes
 * through the elements once more after it.
 */
export function mayWriteOver(kernel: Kernel, output: number, input: number): boolean {
  if (kernel.kind !== 'rows') return false
  const stored = kernel.stores[output]
  const { perRow } = kernel.instructions[stored]
  const isReadAgain = kernel.instructions
    .slice(stored + 1)
    .some(({ operands }) => operands.some(({ kind, index }) => kind === 'input' && index === input))
  return (
    !isReadAgain &&
    isDense(kernel.dims, kernel.strides[input], perRow) &&
    lastPassOf(kernel, stored) === Math.max(...passesOf(kernel))
  )
}

/** Whether strides walk a tensor element by element: one for each element of `dims`, or one for each row. */
function isDense(dims: readonly number[], strides: readonly number[], perRow: boolean): boolean {
  let size = 1
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const walks = !perRow || axis < dims.length - 1
    if (dims[axis] > 1 && strides[axis] !== (walks ? size : 0)) return false
    if (walks) size *= dims[axis]
  }
  return true
}

export const isReduction = ({ op }: Pick<Instruction, 'op'>): boolean =>
  op === 'ReduceSum' || op === 'ReduceMax'

/**
 * The pass over a row, counted from 0, in which each instruction of a kernel goes through the elements: a value that
 * needs a reduction has to wait for the whole row. −1 for what is computed once for the row.
 */
function passesOf(kernel: RowsKernel): number[] {
  const known = knownBefore(kernel)
  return kernel.instructions.map((instruction, i) => {
    if (isReduction(instruction)) return known[i] - 1
    return instruction.perRow ? -1 : known[i]
  })
}

/** The pass at whose end the value of an instruction is complete. */
function lastPassOf(kernel: RowsKernel, index: number): number {
  const known = knownBefore(kernel)[index]
  return kernel.instructions[index].perRow ? known - 1 : known
}

/** The first pass in which the value of each instruction can be used. */
function knownBefore({ instructions }: RowsKernel): number[] {
  const known: number[] = []
  for (const instruction of instructions) {
    const first = instruction.operands.reduce(
      (most, { kind, index }) => (kind === 'input' ? most : Math.max(most, known[index])),
      0,
    )
    known.push(first + (isReduction(instruction) ? 1 : 0))
  }
  return known
}
