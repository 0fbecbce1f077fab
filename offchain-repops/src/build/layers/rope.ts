import { BuildError, show } from '../shapes.ts'
import type { Operand, Value } from '../Value.ts'

/**
 * Rotary position embedding (Su et al. 2021): x [.., T, D] with D even; channel c < D/2 turns with channel
 * c + D/2 by the angle position · base^(−2c/D). Positions are `first`, first + 1, …
 */
export function rope(x: Value, base = 10000, first: Operand = 0): Value {
  const [T, D] = [x.dim(-2), x.dim(-1)]
  if (D % 2 !== 0) throw new BuildError(`no rotation of ${show(x.shape)}: the last axis is odd`)
  const { graph } = x
  const half = D / 2
  const frequency = graph.f32(base).pow(
    graph
      .iota(half)
      .i2f()
      .mul(-2 / D),
  )
  const positions = first === 0 ? graph.iota(T) : graph.iota(T).add(first)
  const angle = positions.i2f().reshape([T, 1, 1]).mul(frequency)
  // The first half takes the other with −sin, the second with +sin.
  const sign = graph.iota(2).mul(2).sub(1).i2f().reshape([2, 1])
  const halves = x.reshape([...x.shape.slice(0, -1), 2, half])
  return halves.flip(-2).fma(angle.sin().mul(sign), halves.mul(angle.cos())).reshape(x.shape)
}
