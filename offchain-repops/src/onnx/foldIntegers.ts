import { product } from '../program/wants.ts'
import { broadcastShapes } from '../build/shapes.ts'
import type { Call } from './Call.ts'
import { ELEMENT_TYPES, isFloat, type ElementType } from './elementTypes.ts'
import { ENDLESS, KnownTensor } from './KnownTensor.ts'

/**
 * Arithmetic of shapes: whole numbers that are known when a model is read are int64 there, so it is done exactly rather
 * than in the 32 bits that programs have; those of narrower types wrap as their types say. Undefined where the call is
 * not of this kind. Refuses what would need numbers beyond 2^53, which are not held exactly.
 */
export function foldIntegers(call: Call): KnownTensor | undefined {
  const { op } = call.node
  const { operands } = call
  if (!(op in CHOICES || op in ARITHMETIC) || operands.length === 0) return undefined
  const tensors: KnownTensor[] = []
  for (const operand of operands) {
    if (!(operand instanceof KnownTensor) || isFloat(operand.type) || operand.type === 'bool')
      return undefined
    tensors.push(operand)
  }
  if (op === 'Mod' && call.int('fmod', 0) === 1) return undefined
  const [first, ...others] = tensors
  const { type } = first
  const name = call.node.outputs[0]
  if (others.length === 0) {
    const data = Float64Array.from(first.data, (x) => integerResult(call, op, type, x, 0))
    return new KnownTensor(type, first.dims, data, { name })
  }
  return others.reduce((a, b) => {
    const dims = broadcastShapes([a.dims, b.dims])
    const [at, bt] = [indexer(a.dims, dims), indexer(b.dims, dims)]
    const data = new Float64Array(product(dims)).map((_, e) =>
      integerResult(call, op, type, a.data[at(e)], b.data[bt(e)]),
    )
    return new KnownTensor(type, dims, data, { name })
  }, first)
}

/** What rounds nothing, also of numbers that are not held exactly. */
const CHOICES: Readonly<Record<string, (a: number, b: number) => number>> = {
  Min: Math.min,
  Max: Math.max,
  Neg: (a) => 0 - a,
  Abs: Math.abs,
  Sign: Math.sign,
}

/** Undefined where there is no whole number; `fit` makes every number on the way one of the type. */
const ARITHMETIC: Readonly<
  Record<string, (a: bigint, b: bigint, fit: (x: bigint) => bigint) => bigint | undefined>
> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => (b === 0n ? undefined : a / b),
  Mod: (a, b) => (b === 0n ? undefined : ((a % b) + b) % b),
  Pow: power,
}

function power(a: bigint, b: bigint, fit: (x: bigint) => bigint): bigint | undefined {
  if (b < 0n) return a * a === 1n ? a ** (-b & 1n) : undefined
  let [result, square] = [1n, a]
  for (let rest = b; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = fit(result * square)
    if (rest > 1n) square = fit(square * square)
  }
  return result
}

/** One element of an operator of whole numbers, exact. Refuses what cannot be held. */
export function integerResult(
  call: Call,
  op: string,
  type: ElementType,
  a: number,
  b: number,
): number {
  const bits = 8 * ELEMENT_TYPES[type].bytes
  const fit = (x: bigint): bigint => {
    if (bits < 64) return type.startsWith('u') ? BigInt.asUintN(bits, x) : BigInt.asIntN(bits, x)
    if (!Number.isSafeInteger(Number(x)))
      call.refuse(`whole numbers beyond 2^53 in ${op} are not supported, such as ${x}`)
    return x
  }
  if (op in CHOICES) {
    const chosen = CHOICES[op](a, b)
    return bits < 64 ? Number(fit(BigInt(chosen))) : chosen
  }
  // The end of what has no end is as far away as before.
  if ((op === 'Add' || op === 'Sub') && Math.abs(a) >= ENDLESS && Number.isSafeInteger(b)) return a
  for (const operand of [a, b])
    if (!Number.isSafeInteger(operand))
      call.refuse(`whole numbers beyond 2^53 in ${op} are not supported, such as ${operand}`)
  const exact = ARITHMETIC[op](BigInt(a), BigInt(b), fit)
  if (exact === undefined)
    return call.malformed(
      op === 'Pow'
        ? `${a} to the power of ${b} is no whole number`
        : 'a division by 0 in the arithmetic of shapes',
    )
  return Number(fit(exact))
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
