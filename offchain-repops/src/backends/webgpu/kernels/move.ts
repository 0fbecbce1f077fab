import type { MoveForm } from '../../../program/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'
import { coordinates } from './coordinates.ts'

const NEAR = 2 ** 31

/** Copies elements by the affine maps of the form; fills where they fall outside. A thread to an output. */
export function move(form: MoveForm, x: Location, out: Location, shader: Shader): Dispatch {
  const { inDims, outDims, axes, fill } = form
  const lines = [coordinates(shader, 'i', outDims, 'c'), 'var word_at = 0u;', 'var inside = true;']
  axes.forEach(({ offset, divisor, terms: all }, j) => {
    const terms = all.filter(({ axis }) => outDims[axis] > 1)
    const dim = shader.parameter(inDims[j])
    const reach = terms.reduce(
      (sum, { axis, coefficient }) => sum + Math.abs(coefficient) * (outDims[axis] - 1),
      Math.abs(offset),
    )
    if (reach < NEAR && divisor < NEAR) {
      const sum = [offset, ...terms.map(({ coefficient }) => coefficient)].map((value, t) => {
        const factor = `bitcast<i32>(${shader.parameter(value)})`
        return t === 0 ? factor : `i32(c${terms[t - 1].axis}) * ${factor}`
      })
      const by = `bitcast<i32>(${shader.parameter(divisor)})`
      lines.push(`let v${j} = ${sum.join(' + ')};`)
      lines.push(`let q${j} = u32(v${j} / ${by});`)
      lines.push(`inside = inside && v${j} >= 0 && v${j} % ${by} == 0 && q${j} < ${dim};`)
    } else {
      const wide = (value: number): string => {
        const [low, high] = words(value)
        return `vec2u(${shader.parameter(low)}, ${shader.parameter(high)})`
      }
      lines.push(`var w${j} = ${wide(offset)};`)
      for (const { axis, coefficient } of terms)
        lines.push(`w${j} = add_wide(w${j}, scale_wide(${wide(coefficient)}, c${axis}));`)
      lines.push(`let q${j} = divide_wide(w${j}, ${wide(divisor)});`)
      lines.push(`inside = inside && q${j} < ${dim};`)
    }
    lines.push(`word_at = word_at * ${dim} + q${j};`)
  })
  const filled = shader.parameter(fill)
  lines.push(
    `var word = ${filled};`,
    `if (inside) { word = ${shader.read(x, 'word_at')}; }`,
    shader.write(out, 'i', 'word'),
  )
  return shader.dispatchEach(
    outDims.reduce((a, b) => a * b, 1),
    lines.join('\n  '),
  )
}

/** Low and high word of a two's complement number of 64 bits, |value| < 2^53. */
function words(value: number): [low: number, high: number] {
  const high = Math.floor(value / 2 ** 32)
  return [value - high * 2 ** 32, high >>> 0]
}

/** Two's complement in two words, for maps that leave 32 bits (they read far outside of any tensor that fits). */
export const WIDE_FUNCTIONS = `
fn add_wide(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + u32(low < a.x));
}

fn scale_wide(a: vec2u, b: u32) -> vec2u { // modulo 2^64
  return vec2u(a.x * b, high_product(a.x, b) + a.y * b);
}

fn divide_wide(a: vec2u, b: vec2u) -> u32 { // a / b where that is an integer from 0 to 2^32 − 2, else 2^32 − 1
  if ((a.y >> 31u) == 1u) { return 0xffffffffu; }
  var rest = vec2u(0u);
  var quotient = vec2u(0u);
  for (var i = 0u; i < 64u; i++) {
    let bit = select(a.x >> (63u - i), a.y >> (31u - i), i < 32u) & 1u;
    rest = vec2u((rest.x << 1u) | bit, (rest.y << 1u) | (rest.x >> 31u));
    quotient = vec2u(quotient.x << 1u, (quotient.y << 1u) | (quotient.x >> 31u));
    if (rest.y > b.y || (rest.y == b.y && rest.x >= b.x)) {
      rest = vec2u(rest.x - b.x, rest.y - b.y - u32(rest.x < b.x));
      quotient.x |= 1u;
    }
  }
  return select(0xffffffffu, quotient.x, quotient.y == 0u && (rest.x | rest.y) == 0u);
}
`
