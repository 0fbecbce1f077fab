import type { Kernel } from '../../../execute/plan/types.ts'
import { Shader, type Dispatch, type Location } from '../Shader.ts'
import type { Operation } from '../wgsl/arithmetic.ts'
import type { Library } from '../wgsl/library.ts'
import { columns } from './columns.ts'
import { concat } from './concat.ts'
import { copy } from './copy.ts'
import { generate } from './generate.ts'
import { gather, scatterAdd } from './indexed.ts'
import { matmul } from './matmul.ts'
import { move } from './move.ts'
import { rows } from './rows.ts'

/** What kernels are written with: the functions, and which operations are done by the device's floats. */
export interface Arithmetic {
  readonly library: Library
  readonly floats: ReadonlySet<Operation>
}

/** A kernel of a plan as a dispatch. */
export function dispatchOf(
  kernel: Kernel,
  inputs: readonly Location[],
  outputs: readonly Location[],
  { library, floats }: Arithmetic,
): Dispatch {
  const shader = new Shader(library)
  const [out] = outputs
  switch (kernel.kind) {
    case 'rows':
      return rows(kernel, inputs, outputs, shader)
    case 'columns':
      return columns(kernel, inputs[0], out, shader)
    case 'matmul':
      return matmul(kernel, inputs, out, shader, floats.has('fma'))
    case 'move':
      return move(kernel.form, inputs[0], out, shader)
    case 'concat':
      return concat(kernel, inputs, out, shader)
    case 'indexed':
      return (kernel.op === 'Gather' ? gather : scatterAdd)(kernel, inputs, out, shader)
    case 'generate':
      return generate(kernel, out, shader)
    case 'copy':
      return copy(kernel, inputs[0], out, shader)
  }
}
