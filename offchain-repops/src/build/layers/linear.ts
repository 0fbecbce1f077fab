import type { Value } from '../Value.ts'

/** x [.., in] · weightᵀ [out, in] + bias [out] → [.., out]. */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const product =
    x.rank === 1 ? x.reshape([1, -1]).matmulT(weight).reshape([-1]) : x.matmulT(weight)
  return bias ? product.add(bias) : product
}
