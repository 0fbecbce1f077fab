import type { Value } from '../Value.ts'

/**
 * Layer norm over the last axis (Ba, Kiros, Hinton 2016): (x − mean) / √(variance + epsilon) · gain + bias.
 * `gain` and `bias` have the length of that axis.
 */
export function layerNorm(x: Value, gain: Value, bias: Value, epsilon = 1e-5): Value {
  const share = 1 / x.dim(-1)
  const centred = x.sum([-1], true).fma(-share, x)
  const deviation = centred.mul(centred).sum([-1], true).fma(share, epsilon).sqrt()
  const normal = centred.div(deviation)
  const y = normal.fma(gain, bias)
  x.graph.setGradient({
    inputs: [x, gain, bias],
    output: y,
    backward: (dy) => {
      const scaled = dy.mul(gain)
      const weight = scaled.mul(normal).sum([-1], true).mul(-share)
      const dx = normal.fma(weight, scaled.sum([-1], true).fma(-share, scaled)).div(deviation)
      return [dx, dy.mul(normal).sumTo(gain.shape), dy.sumTo(bias.shape)]
    },
  })
  return y
}

/** RMS norm over the last axis (Zhang, Sennrich 2019): x / √(mean square + epsilon) · gain. */
export function rmsNorm(x: Value, gain: Value, epsilon = 1e-5): Value {
  const share = 1 / x.dim(-1)
  const size = x.mul(x).sum([-1], true).fma(share, epsilon).sqrt()
  const normal = x.div(size)
  const y = normal.mul(gain)
  x.graph.setGradient({
    inputs: [x, gain],
    output: y,
    backward: (dy) => {
      const scaled = dy.mul(gain)
      const weight = scaled.mul(normal).sum([-1], true).mul(-share)
      return [normal.fma(weight, scaled).div(size), dy.mul(normal).sumTo(gain.shape)]
    },
  })
  return y
}
