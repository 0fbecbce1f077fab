import { SEGMENT } from '../program/limits.ts'
import type { ElementwiseForm, MoveForm, Node } from '../program/types.ts'
import { outputOf, reducedLength, segments } from '../program/wants.ts'

/** Consecutive elements of an operand. */
export interface Run {
  readonly from: number
  readonly length: number
}

/**
 * The run of each operand from which one output element, or one segment of its reduction, is computed:
 * docs/spec/repops.md, section 4.5. Undefined for an operand that is not opened: an immediate, the step,
 * and what the element does not depend on. `read` gives the word of an operand's element (of Gather's indices).
 */
export function operandRuns(
  node: Node,
  element: number,
  segment: number,
  read: (k: number, index: number) => number,
): (Run | undefined)[] {
  const { count } = outputOf(node)
  if (!(element >= 0 && element < count && segment >= 0 && segment < segments(node)))
    throw new RangeError(
      `${node.op} has no element ${element} of ${count} or no segment ${segment} of ${segments(node)}`,
    )
  const runs = allRuns(node, element, segment, read)
  return node.inputs.map(({ kind }, k) =>
    kind === 'immediate' || kind === 'step' ? undefined : runs[k],
  )
}

/** The same with immediates and the step, as runs of their one element where they are read. */
export function allRuns(
  node: Node,
  element: number,
  segment: number,
  read: (k: number, index: number) => number,
): (Run | undefined)[] {
  const form = node.form
  const start = segment * SEGMENT
  const length = Math.min(SEGMENT, reducedLength(node) - start)
  switch (form.family) {
    case 'elementwise':
      return form.masks.map((mask) => one(elementOfOperand(form, mask, element)))
    case 'matmul': {
      const { M, N, K } = form
      const [b, m, n] = coordinates([form.B, M, N], element)
      return [
        { from: ((form.xShared ? 0 : b) * M + m) * K + start, length },
        { from: ((form.yShared ? 0 : b) * N + n) * K + start, length },
      ]
    }
    case 'reduce':
      return [{ from: element * form.K + start, length }]
    case 'indexed': {
      const { B, V, R, Q } = form
      if (node.op === 'ScatterAdd') {
        const [b, , r] = coordinates([B, V, R], element)
        return [
          { from: b * Q + start, length },
          { from: (b * R + r) * Q + start, length },
        ]
      }
      const [b, q, r] = coordinates([B, Q, R], element)
      const index = read(1, b * Q + q) | 0
      const inside = index >= 0 && index < V
      return [inside ? one((b * V + index) * R + r) : undefined, one(b * Q + q)]
    }
    case 'move': {
      const from = moveSource(form, element)
      return [from === undefined ? undefined : one(from)]
    }
    case 'concat': {
      const { O, I, sizes } = form
      const total = sizes.reduce((a, b) => a + b, 0)
      const [o, joined, i] = coordinates([O, total, I], element)
      let before = 0
      return sizes.map((size) => {
        const n = joined - before
        before += size
        return n >= 0 && n < size ? one((o * size + n) * I + i) : undefined
      })
    }
    case 'generate':
      return []
  }
}

const one = (from: number): Run => ({ from, length: 1 })

/** Row-major coordinates of an element. */
export function coordinates(dims: readonly number[], element: number): number[] {
  const result = dims.map(() => 0)
  let rest = element
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    result[axis] = rest % dims[axis]
    rest = Math.floor(rest / dims[axis])
  }
  return result
}

/** Which element of an operand with this mask belongs to an output element. */
function elementOfOperand({ dims }: ElementwiseForm, mask: number, element: number): number {
  return coordinates(dims, element).reduce(
    (index, at, axis) => ((mask >> axis) & 1 ? index * dims[axis] + at : index),
    0,
  )
}

/** The input element that a Move copies to an output element; undefined where it writes the fill. */
export function moveSource(
  { inDims, outDims, axes }: MoveForm,
  element: number,
): number | undefined {
  const out = coordinates(outDims, element)
  let from = 0
  for (let j = 0; j < inDims.length; j++) {
    const { offset, divisor, terms } = axes[j]
    const v = terms.reduce((sum, { axis, coefficient }) => sum + coefficient * out[axis], offset)
    const index = v / divisor
    if (v < 0 || !Number.isInteger(index) || index >= inDims[j]) return undefined
    from = from * inDims[j] + index
  }
  return from
}
