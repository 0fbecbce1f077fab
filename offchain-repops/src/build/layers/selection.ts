import { Value } from '../Value.ts'

/** Index of the first largest element of the last axis, i32; its length where a NaN leaves none. */
export function argmax(x: Value): Value {
  const last = x.dim(-1) - 1
  const backwards = x.graph.i32(last).sub(x.graph.iota(x.dim(-1)))
  const hits = x.eq(x.reduceMax([-1], true)).where(backwards, -1)
  return x.graph.i32(last).sub(hits.reduceMax([-1]))
}

/** The k largest elements of the last axis, largest first, and their indices: each [.., k]. 9 nodes per k. */
export function topK(x: Value, k: number): { values: Value; indices: Value } {
  const values: Value[] = []
  const indices: Value[] = []
  let rest = x
  for (let i = 0; i < k; i++) {
    const index = argmax(rest).reshape([...x.shape.slice(0, -1), 1])
    const taken = x.graph.iota(x.dim(-1)).eq(index)
    values.push(rest.reduceMax([-1], true))
    indices.push(index)
    rest = taken.where(-Infinity, rest)
  }
  return { values: Value.concat(values, -1), indices: Value.concat(indices, -1) }
}
