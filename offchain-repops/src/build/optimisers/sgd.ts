import { clipByGlobalNorm } from './clipByGlobalNorm.ts'
import type { Parameter } from './Parameter.ts'
import type { Operand, Value } from '../Value.ts'

export interface SgdOptions {
  /** A number, or a value computed from the step (a schedule). */
  readonly learningRate: Operand
  /** 0 by default: no velocity is kept. */
  readonly momentum?: number
  readonly clipNorm?: number
}

/**
 * Stochastic gradient descent with momentum: v ← momentum · v + g, p ← p − rate · v. Declares one more state per
 * parameter where there is momentum, to begin with zeros.
 */
export function sgd(
  parameters: readonly Parameter[],
  gradients: readonly Value[],
  { learningRate, momentum = 0, clipNorm }: SgdOptions,
): void {
  const clipped = clipNorm === undefined ? gradients : clipByGlobalNorm(gradients, clipNorm)
  parameters.forEach(({ name, value }, i) => {
    const { graph } = value
    let direction = clipped[i]
    if (momentum !== 0) {
      const velocity = graph.state(`${name}.velocity`, 'f32', value.shape)
      direction = velocity.fma(momentum, direction)
      graph.setNext(velocity, direction)
    }
    const rate = typeof learningRate === 'number' ? graph.f32(-learningRate) : learningRate.neg()
    graph.setNext(value, direction.fma(rate, value))
  })
}
