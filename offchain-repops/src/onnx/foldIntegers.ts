import { product } from '../program/wants.ts'
import { broadcastShapes } from '../build/shapes.ts'
import type { Call } from './Call.ts'
import { isFloat } from './elementTypes.ts'
import { KnownTensor } from './KnownTensor.ts'

/**
 * Arithmetic of shapes: whole numbers that are known when a model is read are int64 there, so it is done exactly rather
 * than in the 32 bits that programs have. Undefined where the call is not of this kind.
 */
export function foldIntegers(call: Call): KnownTensor | undefined {
  const scalar = SCALARS[call.node.op]
  const { operands } = call
  if (scalar === undefined || operands.length === 0) return undefined
  const tensors: KnownTensor[] = []
  for (const operand of operands) {
    if (!(operand instanceof KnownTensor) || isFloat(operand.type) || operand.type === 'bool')
      return undefined
    tensors.push(operand)
  }
  if (call.node.op === 'Mod' && call.int('fmod', 0) === 1) return undefined
  const [first, ...others] = tensors
  if (others.length === 0)
    return checked(
      call,
      first.dims,
      Float64Array.from(first.data, (x) => scalar(x, 0)),
      first,
    )
  return others.reduce((a, b) => {
    const dims = broadcastShapes([a.dims, b.dims])
    const [at, bt] = [indexer(a.dims, dims), indexer(b.dims, dims)]
    const data = new Float64Array(product(dims)).map((_, e) => scalar(a.data[at(e)], b.data[bt(e)]))
    return checked(call, dims, data, first)
  }, first)
}

const SCALARS: Readonly<Record<string, ((a: number, b: number) => number) | undefined>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => Math.trunc(a / b),
  Mod: (a, b) => a - Math.floor(a / b) * b,
  Min: Math.min,
  Max: Math.max,
  Neg: (a) => -a,
  Abs: Math.abs,
  Sign: Math.sign,
  Pow: (a, b) => Array.from({ length: Math.min(64, b) }).reduce((y: number) => y * a, 1),
}

function checked(
  call: Call,
  dims: readonly number[],
  data: Float64Array,
  { type }: KnownTensor,
): KnownTensor {
  const bad = data.find((value) => !Number.isFinite(value))
  if (bad !== undefined) call.malformed('a division by 0 in the arithmetic of shapes')
  return new KnownTensor(type, dims, data, { name: call.node.outputs[0] })
}

/** From the index of an element of the broadcast shape to that of the operand's. */
function indexer(dims: readonly number[], shape: readonly number[]): (element: number) => number {
  const lead = shape.length - dims.length
  return (element) => {
    let [rest, index, stride] = [element, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const dim = dims[axis - lead] ?? 1
      if (dim > 1) index += stride * (rest % shape[axis])
      stride *= dim
      rest = Math.floor(rest / shape[axis])
    }
    return index
  }
}
