import type { ConcatKernel } from '../../../execute/plan/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'

/** Inputs [O, n_i, I] → [O, Σ n_i, I]. A thread to an output. */
export function concat(
  { O, I, sizes }: ConcatKernel,
  inputs: readonly Location[],
  out: Location,
  shader: Shader,
): Dispatch {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const row = shader.parameter(total * I)
  const lines = [`let outer = i / ${row};`, `var at = i % ${row};`, 'var word = 0u;']
  const reads = inputs.map((location, k) => {
    const width = shader.parameter(sizes[k] * I)
    const last = k === inputs.length - 1
    const read = `word = ${shader.read(location, `outer * ${width} + at`)};`
    return last ? `{ ${read} }` : `if (at < ${width}) { ${read} } else { at -= ${width};`
  })
  lines.push(reads.join(' ') + ' }'.repeat(inputs.length - 1), shader.write(out, 'i', 'word'))
  return shader.dispatchEach(O * total * I, lines.join('\n  '))
}
