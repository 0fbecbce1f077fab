import { fma } from '../../numbers/fma.ts'
import { slotType, type Operator, type Scalar } from '../../ops/define.ts'
import type { DType, ElementwiseForm } from '../../program/types.ts'
import type { Tensor } from '../../tensor.ts'

type Values = Float32Array | Int32Array

/** The operands of one row: element i of operand x is x[xAt + i·xStep], steps being 0 or 1. */
interface Row {
  a: Values
  aAt: number
  aStep: number
  b: Values
  bAt: number
  bStep: number
  c: Values
  cAt: number
  cStep: number
}

/**
 * Applies an element-wise operator over `dims`, operands broadcast along the axes that their masks
 * leave out. Works row by row along the last axis; the few operators that training spends its time
 * on have a row loop of their own, the others call their scalar.
 */
export function elementwise(
  op: Operator,
  T: DType,
  { dims, masks }: ElementwiseForm,
  inputs: readonly Tensor[],
  output: Tensor,
): void {
  const scalar = op.scalar[T]
  if (scalar === undefined) throw new Error(`${op.name} does not exist for ${T}`)
  const operands = inputs.map((tensor, k) => view(tensor, slotType(op.inputs[k], T), op.copies))
  const out = view(output, slotType(op.result, T), op.copies)
  const fast = T === 'f32' ? rows.get(op.name) : undefined

  const last = dims.length - 1
  const length = last < 0 ? 1 : dims[last]
  const steps = masks.map((mask) => strides(dims, mask))
  const [a, b = a, c = b] = operands
  const step = (k: number): number => (k < steps.length && last >= 0 ? steps[k][last] : 0)
  const row: Row = {
    a, aAt: 0, aStep: step(0),
    b, bAt: 0, bStep: step(1),
    c, cAt: 0, cStep: step(2),
  } // prettier-ignore

  const position = new Array<number>(Math.max(0, last)).fill(0)
  for (let at = 0; at < out.length; at += length) {
    if (fast !== undefined) fast(row, out, at, length)
    else anyRow(scalar, masks.length, row, out, at, length)
    // Step to the next row: the last of the outer axes first, carrying.
    for (let axis = last - 1; axis >= 0; axis--) {
      const wraps = ++position[axis] === dims[axis]
      const move = wraps ? 1 - dims[axis] : 1
      row.aAt += move * steps[0][axis]
      if (steps.length > 1) row.bAt += move * steps[1][axis]
      if (steps.length > 2) row.cAt += move * steps[2][axis]
      if (!wraps) break
      position[axis] = 0
    }
  }
}

function view(tensor: Tensor, type: DType, copies: boolean): Values {
  return type === 'i32' || copies ? tensor.words : tensor.floats
}

/** Elements between neighbours along each axis of an operand; 0 where it does not vary. */
function strides(dims: readonly number[], mask: number): number[] {
  const result = new Array<number>(dims.length).fill(0)
  let size = 1
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (((mask >> axis) & 1) === 0) continue
    result[axis] = size
    size *= dims[axis]
  }
  return result
}

function anyRow(
  scalar: Scalar,
  arity: number,
  row: Row,
  out: Values,
  at: number,
  length: number,
): void {
  const { a, aStep, b, bStep, c, cStep } = row
  let { aAt, bAt, cAt } = row
  if (arity === 1) {
    for (let i = 0; i < length; i++, aAt += aStep) out[at + i] = scalar(a[aAt], 0, 0)
    return
  }
  for (let i = 0; i < length; i++, aAt += aStep, bAt += bStep, cAt += cStep) {
    out[at + i] = scalar(a[aAt], b[bAt], c[cAt])
  }
}

type RowLoop = (row: Row, out: Values, at: number, length: number) => void

/** A Float32Array rounds what is stored in it, so these need no fround. */
const rows: ReadonlyMap<string, RowLoop> = new Map<string, RowLoop>([
  ['Add', addRow],
  ['Sub', subRow],
  ['Mul', mulRow],
  ['Div', divRow],
  ['Sqrt', sqrtRow],
  ['Fma', fmaRow],
  ['Neg', negRow],
  ['Where', whereRow],
])

function addRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep, b, bStep } = row
  let { aAt, bAt } = row
  for (let i = 0; i < length; i++, aAt += aStep, bAt += bStep) out[at + i] = a[aAt] + b[bAt]
}

function subRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep, b, bStep } = row
  let { aAt, bAt } = row
  for (let i = 0; i < length; i++, aAt += aStep, bAt += bStep) out[at + i] = a[aAt] - b[bAt]
}

function mulRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep, b, bStep } = row
  let { aAt, bAt } = row
  for (let i = 0; i < length; i++, aAt += aStep, bAt += bStep) out[at + i] = a[aAt] * b[bAt]
}

function divRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep, b, bStep } = row
  let { aAt, bAt } = row
  for (let i = 0; i < length; i++, aAt += aStep, bAt += bStep) out[at + i] = a[aAt] / b[bAt]
}

function sqrtRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep } = row
  let { aAt } = row
  for (let i = 0; i < length; i++, aAt += aStep) out[at + i] = Math.sqrt(a[aAt])
}

function fmaRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep, b, bStep, c, cStep } = row
  let { aAt, bAt, cAt } = row
  for (let i = 0; i < length; i++, aAt += aStep, bAt += bStep, cAt += cStep) {
    out[at + i] = fma(a[aAt], b[bAt], c[cAt])
  }
}

function negRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep } = row
  let { aAt } = row
  for (let i = 0; i < length; i++, aAt += aStep) out[at + i] = -a[aAt]
}

function whereRow(row: Row, out: Values, at: number, length: number): void {
  const { a, aStep, b, bStep, c, cStep } = row
  let { aAt, bAt, cAt } = row
  for (let i = 0; i < length; i++, aAt += aStep, bAt += bStep, cAt += cStep) {
    out[at + i] = a[aAt] !== 0 ? b[bAt] : c[cAt]
  }
}
