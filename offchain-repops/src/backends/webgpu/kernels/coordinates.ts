import type { Shader } from '../Shader.ts'

/**
 * Statements that cut the row-major index `flat` into coordinates `${name}0`, `${name}1`, … along `dims`. Dims are
 * parameters: tensors of one rank share the text.
 */
export function coordinates(
  shader: Shader,
  flat: string,
  dims: readonly number[],
  name: string,
): string {
  const lines = [`var ${name}_left = ${flat};`]
  for (let axis = dims.length - 1; axis > 0; axis--) {
    const dim = shader.parameter(dims[axis])
    lines.push(
      `let ${name}${axis} = ${name}_left % ${dim};`,
      `${name}_left = ${name}_left / ${dim};`,
    )
  }
  if (dims.length > 0) lines.push(`let ${name}0 = ${name}_left;`)
  return lines.join('\n  ')
}

/** Σ coordinate · stride, as an expression; strides of 0 are left out. */
export function offset(shader: Shader, name: string, strides: readonly number[]): string {
  const terms = strides.flatMap((stride, axis) =>
    stride === 0 ? [] : [`${name}${axis} * ${shader.parameter(stride)}`],
  )
  return terms.length === 0 ? '0u' : terms.join(' + ')
}
