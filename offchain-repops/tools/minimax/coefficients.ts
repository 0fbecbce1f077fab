/**
 * Prints every constant of the transcendental sequences (docs/spec/repops.md, section 3) as
 * binary32 bits. The numbers in src/numbers/ are this program's output.
 *
 *   npx tsx offchain-repops/tools/minimax/coefficients.ts
 */
import * as F from './fixed.ts'
import { fit, type Problem } from './remez.ts'

const view = new DataView(new ArrayBuffer(4))
const hex = (x: number): string => {
  view.setFloat32(0, x)
  return `0x${view.getUint32(0).toString(16).padStart(8, '0')}`
}

/** target and weight in fixed point: (value of x) → number. */
const at = (f: (x: bigint) => bigint) => (x: number) => F.toNumber(f(F.fromNumber(x)))

function polynomial(name: string, problem: Problem): void {
  const { coefficients, error } = fit(problem)
  const bits = (-Math.log2(error)).toFixed(1)
  console.log(`${name}: weighted error 2^-${bits}`)
  problem.powers.forEach((p, i) => {
    console.log(`  x^${p}  ${hex(coefficients[i])}  ${coefficients[i]}`)
  })
}

/** hi + lo: the nearest binary32 and the nearest binary32 to what is left. */
function pair(name: string, value: bigint): void {
  const hi = Math.fround(F.toNumber(value))
  const lo = Math.fround(F.toNumber(value - F.fromNumber(hi)))
  console.log(`${name}: ${hex(hi)} ${hi}, rest ${hex(lo)} ${lo}`)
}

pair('1/ln2', F.div(F.ONE, F.LN2))
pair('ln2', F.LN2)

polynomial('exp: (e^x - 1 - x) / x^2', {
  lo: -0.3466,
  hi: 0.3466,
  powers: [0, 1, 2, 3, 4],
  target: at((x) => F.div(F.exp(x) - F.ONE - x, F.mul(x, x))),
  weight: at((x) => F.div(F.mul(x, x), F.exp(x))),
})

// ln(1+f) = 2·atanh(s) with s = f/(2+f), f = 2s/(1−s), hence = f − s·(f − z·p(z)) with z = s².
polynomial('log: (2·atanh(s)/s − 2) / s^2 in z = s^2', {
  lo: 1e-5,
  hi: 0.02945,
  powers: [0, 1, 2],
  target: at((z) => {
    const s = F.sqrt(z)
    return F.div(F.div(2n * F.atanh(s), s) - 2n * F.ONE, z)
  }),
  weight: at((z) => z / 2n),
})

polynomial('tanh: (tanh(x)/x − 1) / x^2 in z = x^2', {
  lo: 1e-5,
  hi: 0.3601,
  powers: [0, 1, 2, 3, 4],
  target: at((z) => {
    const x = F.sqrt(z)
    return F.div(F.div(F.tanh(x), x) - F.ONE, z)
  }),
  weight: at((z) => F.div(F.mul(z, F.sqrt(z)), F.tanh(F.sqrt(z)))),
})

polynomial('erf, small: erf(x)/x − 1 in z = x^2', {
  lo: 1e-5,
  hi: 0.8612,
  powers: [0, 1, 2, 3, 4, 5, 6],
  target: at((z) => F.div(F.erf(F.sqrt(z)), F.sqrt(z)) - F.ONE),
  weight: at((z) => F.div(F.sqrt(z), F.erf(F.sqrt(z)))),
})

polynomial('erf, large: ln(1 − erf(x))', {
  lo: 0.9275,
  hi: 4,
  powers: [0, 1, 2, 3, 4, 5, 6],
  target: at((x) => F.log(F.ONE - F.erf(x))),
  weight: at((x) => F.div(F.ONE - F.erf(x), F.erf(x))),
})

polynomial('sin: (sin(x)/x − 1) / x^2 in z = x^2', {
  lo: 1e-5,
  hi: 0.61686,
  powers: [0, 1, 2, 3],
  target: at((z) => F.div(F.div(F.sin(F.sqrt(z)), F.sqrt(z)) - F.ONE, z)),
  weight: at((z) => F.div(F.mul(z, F.sqrt(z)), F.sin(F.sqrt(z)))),
})

polynomial('cos: (cos(x) − 1) / x^2 in z = x^2', {
  lo: 1e-5,
  hi: 0.61686,
  powers: [0, 1, 2, 3],
  target: at((z) => F.div(F.cos(F.sqrt(z)) - F.ONE, z)),
  weight: at((z) => F.div(z, F.cos(F.sqrt(z)))),
})

const twelfth = Math.fround(1 / 12)
console.log(`pow: 1/12 ${hex(twelfth)}`)
polynomial('pow: (2·atanh(u/2)/u − 1) / u^2 − 1/12 in z = u^2', {
  lo: 1e-5,
  hi: 0.1179,
  powers: [0, 1, 2, 3],
  target: at((z) => {
    const half = F.sqrt(z) / 2n
    return F.div(F.div(F.atanh(half), half) - F.ONE, z) - F.fromNumber(twelfth)
  }),
  weight: at((z) => z),
})

const words =
  F.div((2n * F.ONE) >> 64n, F.PI)
    .toString(16)
    .match(/.{8}/g) ?? []
console.log(`2/π: ${words.join(' ')}`)
