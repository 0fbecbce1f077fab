import { Value } from '../Value.ts'

/** Scales all gradients so that their joint Euclidean norm is at most `limit` (Pascanu et al. 2013). */
export function clipByGlobalNorm(gradients: readonly Value[], limit: number): Value[] {
  const squares = gradients.map((g) => g.mul(g).sum().reshape([1]))
  const norm = Value.concat(squares, 0).sum().sqrt()
  const scale = norm.scalar(limit).div(norm.add(1e-6)).min(1)
  return gradients.map((g) => g.mul(scale))
}
