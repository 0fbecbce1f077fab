import { gelu, geluErf, relu, sigmoid, silu } from '../../build/layers/activations.ts'
import { logSoftmax, softmax } from '../../build/layers/softmax.ts'
import type { Value } from '../../build/Value.ts'
import type { Call, Lowering } from '../Call.ts'
import { alongLastAxis } from '../places.ts'

/** `negative` below 0, `positive` elsewhere. */
const split = (x: Value, negative: Value, positive: Value): Value =>
  x.lt(0).where(negative, positive)

/** scale · (exp(x) − 1) for x ≤ 0; the exponential of positive elements is cut off, so that its gradient is finite. */
const exponentialBelow0 = (x: Value, scale: number): Value => x.min(0).exp().fma(scale, -scale)

/** alpha · x below 0. The gradient of the maximum is that of the larger branch. */
const leaky = (x: Value, alpha: number): Value =>
  alpha > 0 && alpha <= 1 ? x.max(x.mul(alpha)) : split(x, x.mul(alpha), x)

/** log(1 + exp(x)), without overflow; its gradient is the sigmoid. */
export function softplus(x: Value): Value {
  const y = x.abs().neg().exp().add(1).log().add(x.max(0))
  x.graph.setGradient({ inputs: [x], output: y, backward: (dy) => [dy.mul(sigmoid(x))] })
  return y
}

/**
 * x · tanh(softplus(x)) (Misra 2019): with n = e^x (e^x + 2), tanh(softplus(x)) = n / (n + 2). From x = 20 on the
 * quotient is 1.
 */
function mish(x: Value): Value {
  const e = x.min(20).exp()
  const n = e.mul(e.add(2))
  return x.mul(n.div(n.add(2)))
}

const hardSigmoid = (x: Value, alpha: number, beta: number): Value =>
  x.fma(alpha, beta).max(0).min(1)

const swish = (x: Value, alpha: number): Value =>
  alpha === 1 ? silu(x) : x.mul(sigmoid(x.mul(alpha)))

/** Whether the largest element of its row, the first of equal ones, as 1 and 0. */
function hardmax(x: Value): Value {
  const V = x.dim(-1)
  const order = x.graph.i32(V).sub(x.graph.iota(V))
  const rank = x.eq(x.reduceMax([-1], true)).where(order, 0)
  return rank.eq(rank.reduceMax([-1], true)).where(x.scalar(1), 0)
}

const unary =
  (of: (x: Value, call: Call) => Value): Lowering =>
  (call) =>
    of(call.floatValue(0), call)

const alongAxis = (of: (x: Value) => Value): Lowering =>
  unary((x, call) => alongLastAxis(x, call.axis(call.int('axis', -1), x.rank), of))

/** Activation functions. */
export const activations: Readonly<Record<string, Lowering>> = {
  Celu: unary((x, call) => {
    const alpha = call.float('alpha', 1)
    return split(x, exponentialBelow0(x.div(alpha), alpha), x)
  }),
  Elu: unary((x, call) => split(x, exponentialBelow0(x, call.float('alpha', 1)), x)),
  Gelu: unary((x, call) =>
    call.choice('approximate', ['none', 'tanh']) === 'tanh' ? gelu(x) : geluErf(x),
  ),
  HardSigmoid: unary((x, call) =>
    hardSigmoid(x, call.float('alpha', 0.2), call.float('beta', 0.5)),
  ),
  HardSwish: unary((x) => x.mul(hardSigmoid(x, 1 / 6, 0.5))),
  Hardmax: alongAxis(hardmax),
  LeakyRelu: unary((x, call) => leaky(x, call.float('alpha', 0.01))),
  LogSoftmax: alongAxis(logSoftmax),
  Mish: unary(mish),
  PRelu: unary((x, call) => split(x, x.mul(call.floatValue(1)), x)),
  Relu: (call) => {
    const x = call.value(0)
    return x.type === 'f32' ? relu(x) : x.max(0)
  },
  Selu: unary((x, call) => {
    const [alpha, gamma] = [
      call.float('alpha', 1.67326319217681884765625),
      call.float('gamma', 1.05070102214813232421875),
    ]
    return split(x, exponentialBelow0(x, alpha * gamma), x.mul(gamma))
  }),
  Shrink: unary((x, call) => {
    const [lambd, bias] = [call.float('lambd', 0.5), call.float('bias', 0)]
    return split(x.add(lambd), x.add(bias), x.scalar(lambd).lt(x).where(x.sub(bias), 0))
  }),
  SwiGLU: unary((x, call) => swish(x, call.float('alpha', 1)).mul(call.floatValue(1))),
  Swish: unary((x, call) => swish(x, call.float('alpha', 1))),
  Softmax: alongAxis(softmax),
  Softplus: unary(softplus),
  Softsign: unary((x) => x.div(x.abs().add(1))),
  ThresholdedRelu: unary((x, call) => x.scalar(call.float('alpha', 1)).lt(x).where(x, 0)),
}
