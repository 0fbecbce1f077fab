import type { Graph } from '../Graph.ts'
import { BuildError, type Shape } from '../shapes.ts'
import type { Value } from '../Value.ts'
import { argmax, largest } from './selection.ts'

/** How a token is chosen from logits. */
export interface Sampling {
  /** Logits are divided by it; 0 takes the most likely token, always. */
  readonly temperature: number
  /** Only so many of the most likely tokens (and those as likely as the last of them) are drawn from; all by default. */
  readonly topK?: number
}

/**
 * −log(−log u), u in (0, 1) with 23 random bits and never at an end: the maximum of logits and such noise lies at
 * a token with the token's softmax probability (Gumbel 1954). Probabilities below 2^-23 are not told apart.
 */
export function gumbel(graph: Graph, shape: Shape, stream: number): Value {
  const u = graph
    .philox(shape, stream)
    .shr(9)
    .i2f()
    .fma(2 ** -23, 2 ** -24)
  return u.log().neg().log().neg()
}

/**
 * One class a row: logits [.., V] → i32 [..]. The choice depends on the logits, the job's seed, the step and `stream`.
 * It is V where a logit is NaN.
 */
export function sample(logits: Value, { temperature, topK }: Sampling, stream: number): Value {
  if (!(temperature >= 0 && temperature < Infinity))
    throw new BuildError(`a temperature of ${temperature}; 0 and positive numbers are possible`)
  if (temperature === 0) return argmax(logits)
  const kept =
    topK === undefined || topK >= logits.dim(-1)
      ? logits
      : largest(logits, topK).where(logits, -Infinity)
  return argmax(kept.div(temperature).add(gumbel(logits.graph, logits.shape, stream)))
}
