import { gelu, geluErf, sigmoid } from '../../build/layers/activations.ts'
import { layerNorm, rmsNorm } from '../../build/layers/norms.ts'
import type { Value } from '../../build/Value.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { transposeLast } from '../places.ts'
import { broadcastProduct } from './matrix.ts'

const EPSILON = 1e-12

/** x + skip (+ bias), normed; the sum is the fourth output. */
const skipNorm =
  (norm: (x: Value, call: Call) => Value, bias: number): Lowering =>
  (call): readonly (Result | undefined)[] => {
    const sum = call.floatValue(0).add(call.floatValue(1))
    const whole = call.has(bias) ? sum.add(call.floatValue(bias)) : sum
    return [norm(whole, call), undefined, undefined, whole]
  }

function fusedProduct(call: Call): Value {
  if (call.flag('transBatchA') || call.flag('transBatchB')) call.refuse('transposed batches')
  const [a, b] = [call.floatValue(0), call.floatValue(1)]
  const left = call.flag('transA') ? transposeLast(a) : a
  const right = call.flag('transB') ? b : transposeLast(b)
  const alpha = call.float('alpha', 1)
  const y = broadcastProduct(left, right)
  return alpha === 1 ? y : y.mul(alpha)
}

const withBias = (call: Call): Value =>
  call.has(1) ? call.floatValue(0).add(call.floatValue(1)) : call.floatValue(0)

/** Operators of ONNX Runtime's domain com.microsoft that its optimiser and exporters write. */
export const contributed: Readonly<Record<string, Lowering>> = {
  BiasGelu: (call) => geluErf(withBias(call)),
  FastGelu: (call) => gelu(withBias(call)),
  FusedMatMul: fusedProduct,
  Gelu: (call) => geluErf(call.floatValue(0)),
  QuickGelu: (call) => {
    const x = call.floatValue(0)
    return x.mul(sigmoid(x.mul(call.float('alpha', 1.702))))
  },
  SkipLayerNormalization: skipNorm(
    (x, call) =>
      layerNorm(
        x,
        call.floatValue(2),
        call.optional(3) ?? x.scalar(0),
        call.float('epsilon', EPSILON),
      ),
    4,
  ),
  SkipSimplifiedLayerNormalization: skipNorm(
    (x, call) => rmsNorm(x, call.floatValue(2), call.float('epsilon', EPSILON)),
    3,
  ),
}
