import { clipByGlobalNorm } from './clipByGlobalNorm.ts'
import type { Parameter } from './Parameter.ts'
import type { Operand, Value } from '../Value.ts'

export interface AdamOptions {
  /** A number, or a value computed from the step (a schedule). */
  readonly learningRate: Operand
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /** Decoupled (Loshchilov, Hutter 2019); applied to parameters of two axes or more. 0 by default. */
  readonly weightDecay?: number
  readonly clipNorm?: number
}

/**
 * Adam with bias correction (Kingma, Ba 2015): with t = step + 1,
 * m ← β1 m + (1 − β1) g, v ← β2 v + (1 − β2) g²,
 * p ← p (1 − rate · decay) − rate · m / (1 − β1ᵗ) / (√(v / (1 − β2ᵗ)) + ε).
 * Declares two more states per parameter, to begin with zeros.
 */
export function adam(
  parameters: readonly Parameter[],
  gradients: readonly Value[],
  options: AdamOptions,
): void {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options
  const { clipNorm } = options
  const clipped = clipNorm === undefined ? gradients : clipByGlobalNorm(gradients, clipNorm)
  const [{ value: first }] = parameters
  const { graph } = first
  const t = graph.step().add(1).i2f()
  const one = graph.f32(1)
  const rate = typeof learningRate === 'number' ? graph.f32(learningRate) : learningRate
  const stepSize = rate.neg().div(one.sub(graph.f32(beta1).pow(t)))
  const correction = one.div(one.sub(graph.f32(beta2).pow(t)).sqrt())
  const shrink = one.sub(rate.mul(weightDecay))
  parameters.forEach(({ name, value: p }, i) => {
    const g = clipped[i]
    const m = graph.state(`${name}.m`, 'f32', p.shape)
    const v = graph.state(`${name}.v`, 'f32', p.shape)
    const mNext = g.fma(1 - beta1, m.mul(beta1))
    const vNext = g.mul(g).fma(1 - beta2, v.mul(beta2))
    const direction = mNext.div(vNext.sqrt().fma(correction, epsilon))
    graph.setNext(m, mNext)
    graph.setNext(v, vNext)
    graph.setNext(p, direction.fma(stepSize, weightDecay > 0 && p.rank > 1 ? p.mul(shrink) : p))
  })
}
