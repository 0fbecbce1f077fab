import type { Value } from '../Value.ts'

/** max(x, 0); its slope at 0 is 0. */
export function relu(x: Value): Value {
  const y = x.max(0)
  x.graph.setGradient({
    inputs: [x],
    output: y,
    backward: (dy) => [x.scalar(0).lt(x).where(dy, 0)],
  })
  return y
}

/** 1 / (1 + exp(−x)). */
export function sigmoid(x: Value): Value {
  const y = x.scalar(1).div(x.neg().exp().add(1))
  const backward = (dy: Value): Value[] => [dy.mul(y).mul(y.scalar(1).sub(y))]
  x.graph.setGradient({ inputs: [x], output: y, backward })
  return y
}

/** x · sigmoid(x) (Elfwing, Uchibe, Doya 2017), also called swish. */
export function silu(x: Value): Value {
  const s = sigmoid(x)
  const y = x.mul(s)
  const backward = (dy: Value): Value[] => [dy.mul(y.fma(s.scalar(1).sub(s), s))]
  x.graph.setGradient({ inputs: [x], output: y, backward })
  return y
}

const ROOT_HALF = 0.7071067811865476
const ROOT_2_BY_PI = 0.7978845608028654
const ONE_BY_ROOT_2_PI = 0.3989422804014327
const CUBIC = 0.044715

/** x · Φ(x), with Φ the normal distribution (Hendrycks, Gimpel 2016). */
export function geluErf(x: Value): Value {
  const h = x.mul(0.5)
  const e = x.mul(ROOT_HALF).erf()
  const y = h.fma(e, h)
  x.graph.setGradient({
    inputs: [x],
    output: y,
    backward: (dy) => {
      const density = x.mul(h).neg().exp().mul(ONE_BY_ROOT_2_PI)
      return [dy.mul(x.fma(density, e.fma(0.5, 0.5)))]
    },
  })
  return y
}

/** GELU with tanh(√(2/π) · (x + 0.044715 x³)) for the error function, as in GPT-2. */
export function gelu(x: Value): Value {
  const square = x.mul(x)
  const t = x.mul(square.fma(ROOT_2_BY_PI * CUBIC, ROOT_2_BY_PI)).tanh()
  const h = x.mul(0.5)
  const y = h.fma(t, h)
  x.graph.setGradient({
    inputs: [x],
    output: y,
    backward: (dy) => {
      const inner = square.fma(3 * ROOT_2_BY_PI * CUBIC, ROOT_2_BY_PI)
      const slope = t.neg().fma(t, 1).mul(h)
      return [dy.mul(slope.fma(inner, t.fma(0.5, 0.5)))]
    },
  })
  return y
}
