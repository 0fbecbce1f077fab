import type { Node } from '../../program/types.ts'
import { product } from '../../program/wants.ts'
import { type Axis, collapse, cutsOf, extentsOf, rowMajor } from './axes.ts'

/** What the instructions of one `rows` kernel run over. */
export interface RowSpace {
  /** Elements of all rows. */
  readonly count: number
  /** Length of a row where a reduction says so. */
  readonly row: number | undefined
  /** Products of extents, from the inside, at which some instruction needs the elements cut into axes. */
  readonly cuts: readonly number[]
}

/** How a node takes part: with a value for each element, with one for each row, or reducing rows to values. */
export type Part = 'element' | 'row' | 'reduction'

/** The space of a node alone; undefined where it is not for a `rows` kernel. */
export function spaceOf({ form }: Node): RowSpace | undefined {
  if (form.family === 'elementwise')
    return { count: product(form.dims), row: undefined, cuts: cutsOf(rowMajor(form.dims)) }
  if (form.family === 'reduce' && form.K > 1)
    return { count: form.R * form.K, row: form.K, cuts: form.R > 1 ? [form.K] : [] }
  return undefined
}

export function partOf({ form }: Node, { count }: RowSpace): Part {
  if (form.family !== 'elementwise') return 'reduction'
  return product(form.dims) === count ? 'element' : 'row'
}

/** One space for the instructions of both; undefined where there is none. */
export function joinSpaces(a: RowSpace, b: RowSpace): RowSpace | undefined {
  if (a.count < b.count) return joinSpaces(b, a)
  const { count } = a
  const row = a.row ?? b.row
  if (a.count === b.count) {
    if (b.row !== undefined && b.row !== row) return undefined
    return spaceWith(count, row, [...a.cuts, ...b.cuts])
  }
  // What has one element for each row of the other.
  if (b.row !== undefined || row === undefined || b.count * row !== count) return undefined
  return spaceWith(count, row, [...a.cuts, ...b.cuts.map((at) => at * row)])
}

function spaceWith(
  count: number,
  row: number | undefined,
  cuts: readonly number[],
): RowSpace | undefined {
  const all = row === undefined || row === count ? cuts : [...cuts, row]
  if (row !== undefined && all.some((at) => at < row)) return undefined
  if (extentsOf(count, all) === undefined) return undefined
  return { count, row, cuts: [...new Set(all)].sort((x, y) => x - y) }
}

/** The axes of a kernel over a space; the last is the row. */
export function dimsOf({ count, cuts }: RowSpace): number[] {
  const dims = extentsOf(count, cuts)
  if (dims === undefined) throw new Error(`${cuts.join(', ')} do not cut ${count}`)
  return dims.length === 0 ? [1] : dims
}

/** How operand `k` of a node is read over all elements of a space. */
export function operandWalk(node: Node, k: number, { count, row }: RowSpace): Axis[] {
  const { form } = node
  if (form.family !== 'elementwise') return collapse([{ extent: count, stride: 1 }])
  const axes = rowMajor(form.dims, form.masks[k])
  const isPerRow = product(form.dims) !== count
  return collapse(isPerRow ? [...axes, { extent: row ?? 1, stride: 0 }] : axes)
}

/** How values of a part are read where they are values of instructions: a consumer has to want just that. */
export function valueWalk(part: Part, { count, row = 1 }: RowSpace): Axis[] {
  if (part === 'element') return collapse([{ extent: count, stride: 1 }])
  return collapse([
    { extent: count / row, stride: 1 },
    { extent: row, stride: 0 },
  ])
}
