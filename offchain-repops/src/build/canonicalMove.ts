import type { MoveAxis, MoveForm } from '../program/types.ts'

/**
 * The same Move over as few axes as possible: axes of one element go, neighbours that are read and written
 * together become one. Equal moves under different shapes become equal nodes, and kernels have less to do.
 */
export function canonicalMove(form: MoveForm): MoveForm {
  let current = dropUnitAxes(form)
  for (;;) {
    const merged = mergeOnce(current)
    if (merged === undefined) return current
    current = merged
  }
}

function dropUnitAxes({ inDims, outDims, axes, fill }: MoveForm): MoveForm {
  const keptOut = [...outDims.keys()].filter((a) => outDims[a] > 1)
  const place = new Map(keptOut.map((old, index) => [old, index]))
  const mapped = axes.map(
    ({ offset, divisor, terms }): MoveAxis => ({
      offset,
      divisor,
      terms: terms.flatMap(({ axis, coefficient }) => {
        const now = place.get(axis)
        return now === undefined ? [] : { axis: now, coefficient }
      }),
    }),
  )
  const keptIn = [...inDims.keys()].filter(
    (j) => inDims[j] > 1 || mapped[j].offset !== 0 || mapped[j].terms.length > 0,
  )
  return {
    family: 'move',
    inDims: keptIn.map((j) => inDims[j]),
    outDims: keptOut.map((a) => outDims[a]),
    fill,
    axes: keptIn.map((j) => mapped[j]),
  }
}

/** Merges one pair of neighbours, if there is one that can be. */
function mergeOnce(form: MoveForm): MoveForm | undefined {
  const { inDims, outDims, axes } = form
  const uses = outDims.map(
    (_, a) => axes.filter(({ terms }) => terms.some(({ axis }) => axis === a)).length,
  )
  for (let a = 0; a + 1 < outDims.length; a++) {
    if (uses[a] === 0 && uses[a + 1] === 0) return withMergedOut(form, a, axes)
    if (uses[a] !== 1 || uses[a + 1] !== 1) continue
    const j = axes.findIndex(({ terms }) => terms.some(({ axis }) => axis === a))
    if (j + 1 >= axes.length || inDims[j + 1] !== outDims[a + 1]) continue
    if (!follows(axes[j], a) || !follows(axes[j + 1], a + 1) || axes[j + 1].offset !== 0) continue
    const inner = inDims[j + 1]
    const joined = [
      ...axes.slice(0, j),
      { ...axes[j], offset: axes[j].offset * inner },
      ...axes.slice(j + 2),
    ]
    const mergedIn = [...inDims.slice(0, j), inDims[j] * inner, ...inDims.slice(j + 2)]
    return withMergedOut({ ...form, inDims: mergedIn }, a, joined)
  }
  return undefined
}

/** Whether the input axis is output axis a, shifted. */
const follows = ({ divisor, terms }: MoveAxis, a: number): boolean =>
  divisor === 1 && terms.length === 1 && terms[0].axis === a && terms[0].coefficient === 1

/** Output axes a and a + 1 as one; no term is for a + 1 any more. */
function withMergedOut(form: MoveForm, a: number, axes: readonly MoveAxis[]): MoveForm {
  const { outDims } = form
  const shifted = axes.map(
    ({ offset, divisor, terms }): MoveAxis => ({
      offset,
      divisor,
      terms: terms.map(({ axis, coefficient }) => ({
        axis: axis > a ? axis - 1 : axis,
        coefficient,
      })),
    }),
  )
  const dims = [...outDims.slice(0, a), outDims[a] * outDims[a + 1], ...outDims.slice(a + 2)]
  return { ...form, outDims: dims, axes: shifted }
}
