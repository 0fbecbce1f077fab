import type { ElementwiseForm } from './types.ts'

/**
 * The canonical form of an element-wise node over `dims`, where bit a of `masks[k]` says that input k varies
 * along axis a: axes of one element are dropped, and neighbours along which every input varies alike
 * are merged. The order of elements in memory does not change.
 */
export function canonicalElementwise(
  dims: readonly number[],
  masks: readonly number[],
): ElementwiseForm {
  const keptDims: number[] = []
  const keptMasks = masks.map(() => 0)
  let previous: string | undefined
  dims.forEach((dim, axis) => {
    if (dim === 1) return
    const pattern = masks.map((mask) => (mask >> axis) & 1)
    const key = pattern.join('')
    if (key === previous) {
      keptDims[keptDims.length - 1] *= dim
      return
    }
    previous = key
    pattern.forEach((bit, k) => (keptMasks[k] |= bit << keptDims.length))
    keptDims.push(dim)
  })
  return { family: 'elementwise', dims: keptDims, masks: keptMasks }
}
