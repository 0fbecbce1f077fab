import type { Value } from '../Value.ts'

export interface LinearWeights {
  /** [out, in]. */
  readonly weight: Value
  /** [out]. */
  readonly bias?: Value | undefined
}

/** x [.., in] · weightᵀ + bias → [.., out]. */
export function linear(x: Value, { weight, bias }: LinearWeights): Value {
  const product =
    x.rank === 1 ? x.reshape([1, -1]).matmulT(weight).reshape([-1]) : x.matmulT(weight)
  return bias ? product.add(bias) : product
}
