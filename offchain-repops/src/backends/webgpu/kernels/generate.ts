import type { GenerateKernel } from '../../../execute/plan/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'

/** Iota, and words of Philox4x32-10; a thread to an output of the one, to four of the other. */
export function generate(
  { op, N, stream }: GenerateKernel,
  out: Location,
  shader: Shader,
): Dispatch {
  if (op === 'Iota') return shader.dispatchEach(N, shader.write(out, 'i', 'i'))
  const count = shader.parameter(N)
  return shader.dispatchEach(
    Math.ceil(N / 4),
    `let words = philox(vec4u(i, 0u, context.x, ${shader.parameter(stream)}), context.yz);
  for (var j = 0u; j < min(4u, ${count} - 4u * i); j++) { ${shader.write(out, '4u * i + j', 'words[j]')} }`,
  )
}

export const PHILOX_FUNCTION = `
fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var x = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high = vec2u(high_product(0xd2511f53u, x.x), high_product(0xcd9e8d57u, x.z));
    x = vec4u(high.y ^ x.y ^ k.x, 0xcd9e8d57u * x.z, high.x ^ x.w ^ k.y, 0xd2511f53u * x.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return x;
}
`
