import { BuildError } from '../shapes.ts'
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

const DIGIT_BITS = 4

/**
 * Where an element of the last axis [.., V] of f32 is at least the k-th largest: i32 of the same shape, with k ones
 * or, where elements equal the k-th, more. The k-th is found digit by digit, from the highest, in 66 nodes or so
 * whatever k is. −0 is less than +0 here, a NaN without the sign bit more than anything, one with it less.
 */
export function largest(x: Value, k: number): Value {
  const V = x.dim(-1)
  if (!(Number.isInteger(k) && k >= 1 && k <= V))
    throw new BuildError(`there are no ${k} largest of ${V} elements`)
  // Signed integers in the order of the floats: all bits but the sign's are flipped in negative ones.
  const bits = x.bits()
  const order = bits.xor(bits.sar(31).and(0x7fffffff)).reshape([-1, 1, V])
  const digits = x.graph.iota(1 << DIGIT_BITS)
  let kth = x.graph.i32(-(2 ** 31)).reshape([1, 1, 1])
  for (let shift = 32 - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
    // Every candidate is the digits so far and one more; as many elements are not below the first one as wanted.
    const candidates = digits.shl(shift).reshape([-1, 1]).add(kth)
    const atLeast = candidates.le(order).sum([-1])
    const digit = x.graph.i32(k).le(atLeast).sum([-1]).sub(1)
    kth = digit.shl(shift).reshape([-1, 1, 1]).add(kth)
  }
  return kth.le(order).reshape(x.shape)
}
