import { BuildError, sameShape, show } from '../shapes.ts'
import type { Value } from '../Value.ts'

/** exp(x − max) and its sum over the last axis. */
function exponentials(x: Value): { shifted: Value; powers: Value; total: Value } {
  const shifted = x.sub(x.reduceMax([-1], true))
  const powers = shifted.exp()
  return { shifted, powers, total: powers.sum([-1], true) }
}

/** Softmax over the last axis. */
export function softmax(x: Value): Value {
  const { powers, total } = exponentials(x)
  const y = powers.div(total)
  x.graph.setGradient({
    inputs: [x],
    output: y,
    backward: (dy) => [dy.sub(dy.mul(y).sum([-1], true)).mul(y)],
  })
  return y
}

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(x: Value): Value {
  const { shifted, total } = exponentials(x)
  const y = shifted.sub(total.log())
  x.graph.setGradient({
    inputs: [x],
    output: y,
    backward: (dy) => [dy.sub(y.exp().mul(dy.sum([-1], true)))],
  })
  return y
}

/**
 * Mean cross entropy in nats of `logits` [.., V] against the classes `targets` [..] (i32, each in [0, V)):
 * a scalar.
 */
export function crossEntropy(logits: Value, targets: Value): Value {
  if (targets.type !== 'i32' || !sameShape(logits.shape.slice(0, -1), targets.shape))
    throw new BuildError(
      `no cross entropy of ${show(logits.shape)} against ${targets.type} ${show(targets.shape)}`,
    )
  const V = logits.dim(-1)
  const rows = logits.reshape([-1, V])
  const classes = targets.reshape([-1, 1])
  const share = 1 / rows.dim(0)
  const { shifted, powers, total } = exponentials(rows)
  const losses = total.log().sub(shifted.gather(classes, 1))
  const y = losses.sum().mul(share)
  logits.graph.setGradient({
    inputs: [rows],
    output: y,
    backward: (dy) => {
      const p = powers.div(total)
      const hit = classes.eq(logits.graph.iota(V))
      return [hit.where(p.sub(1), p).mul(dy.mul(share))]
    },
  })
  return y
}
