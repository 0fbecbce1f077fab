import type { ConcatForm } from '../../program/types.ts'
import type { Tensor } from '../../tensor.ts'

/** Inputs [O, n_i, I] → output [O, Σ n_i, I]. */
export function concat(
  { O, I, sizes }: ConcatForm,
  inputs: readonly Tensor[],
  output: Tensor,
): void {
  let at = 0
  for (let o = 0; o < O; o++) {
    for (const [k, { words }] of inputs.entries()) {
      const length = sizes[k] * I
      output.words.set(words.subarray(o * length, (o + 1) * length), at)
      at += length
    }
  }
}
