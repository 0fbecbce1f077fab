import { BuildError } from '../shapes.ts'
import type { Value } from '../Value.ts'

/**
 * Dropout (Srivastava et al. 2014): each element is zero with the given probability, else divided by what
 * remains. The choice depends on the job's seed, the step and `stream`; give each use its own stream.
 */
export function dropout(x: Value, probability: number, stream: number): Value {
  if (!(probability >= 0 && probability < 1))
    throw new BuildError(`dropout with probability ${probability}, 0 to below 1 is possible`)
  if (probability === 0) return x
  const kept = x.graph
    .philox(x.shape, stream)
    .shr(1)
    .lt(Math.floor((1 - probability) * 2 ** 31))
  return kept.where(x.mul(1 / (1 - probability)), 0)
}
