import { SEGMENT } from '../numbers/reduction.ts'
import type { ConcatForm, ElementwiseForm, MoveForm, Node } from '../program/types.ts'
import { reducedLength } from '../program/wants.ts'

/** Consecutive elements of one operand. */
export interface Run {
  readonly from: number
  readonly length: number
}

/**
 * The run of each operand that one output element, or one segment of its reduction, depends on
 * (docs/spec/repops.md, section 4.5); undefined for an operand that is not read. `index` reads the
 * index operand of a Gather, the only data that decides what is read. Immediates and the step are
 * runs of their one element, though nothing has to be opened for them.
 */
export function reads(
  node: Node,
  element: number,
  segment: number,
  index: (at: number) => number,
): (Run | undefined)[] {
  const form = node.form
  const length = Math.min(SEGMENT, reducedLength(node) - SEGMENT * segment)
  const from = SEGMENT * segment
  switch (form.family) {
    case 'elementwise':
      return form.masks.map((mask) => single(maskedIndex(form, mask, element)))
    case 'matmul': {
      const [b, m, n] = coordinates(element, [form.B, form.M, form.N])
      const x = ((form.xShared ? 0 : b) * form.M + m) * form.K + from
      const y = ((form.yShared ? 0 : b) * form.N + n) * form.K + from
      return [
        { from: x, length },
        { from: y, length },
      ]
    }
    case 'reduce':
      return [{ from: element * form.K + from, length }]
    case 'indexed': {
      const { B, V, R, Q } = form
      if (node.op === 'ScatterAdd') {
        const [b, , r] = coordinates(element, [B, V, R])
        return [
          { from: b * Q + from, length },
          { from: (b * R + r) * Q + from, length },
        ]
      }
      const [b, q, r] = coordinates(element, [B, Q, R])
      const v = index(b * Q + q)
      return [v >= 0 && v < V ? single((b * V + v) * R + r) : undefined, single(b * Q + q)]
    }
    case 'move': {
      const at = movedIndex(form, element)
      return [at === undefined ? undefined : single(at)]
    }
    case 'concat':
      return concatenatedIndices(form, element).map((at) =>
        at === undefined ? undefined : single(at),
      )
    case 'generate':
      return []
  }
}

const single = (from: number): Run => ({ from, length: 1 })

/** Row-major coordinates of a flat index. */
export function coordinates(index: number, dims: readonly number[]): number[] {
  const result = new Array<number>(dims.length)
  let left = index
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    result[axis] = left % dims[axis]
    left = Math.floor(left / dims[axis])
  }
  return result
}

/** Flat index in an operand that varies along the axes of `mask` only. */
function maskedIndex({ dims }: ElementwiseForm, mask: number, element: number): number {
  let at = 0
  coordinates(element, dims).forEach((coordinate, axis) => {
    if ((mask >> axis) & 1) at = at * dims[axis] + coordinate
  })
  return at
}

/** Flat index of the input element that a Move copies; undefined where it fills. */
export function movedIndex(
  { inDims, outDims, axes }: MoveForm,
  element: number,
): number | undefined {
  const out = coordinates(element, outDims)
  let at = 0
  for (const [j, { offset, divisor, terms }] of axes.entries()) {
    const v = terms.reduce((sum, { axis, coefficient }) => sum + coefficient * out[axis], offset)
    if (v < 0 || v % divisor !== 0 || v / divisor >= inDims[j]) return undefined
    at = at * inDims[j] + v / divisor
  }
  return at
}

/** For each input of a Concat, the flat index of the element if that input holds it. */
function concatenatedIndices({ O, I, sizes }: ConcatForm, element: number): (number | undefined)[] {
  const total = sizes.reduce((a, b) => a + b, 0)
  const [o, position, i] = coordinates(element, [O, total, I])
  let start = 0
  return sizes.map((size) => {
    const n = position - start
    start += size
    return n >= 0 && n < size ? (o * size + n) * I + i : undefined
  })
}
