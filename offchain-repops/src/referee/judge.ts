import type { StepContext } from '../backends/backend.ts'
import { allRuns, coordinates, type Run } from '../execute/operandRuns.ts'
import { bitsOf, fromBits, NAN_BITS } from '../numbers/bits.ts'
import { philox } from '../numbers/philox.ts'
import {
  dotSegment,
  fold,
  maxSegment,
  scatterSegment,
  sumIntegers,
  sumSegment,
} from '../numbers/reduction.ts'
import { slotType, type Operator } from '../ops/define.ts'
import { operatorOf } from '../ops/index.ts'
import type { DType, Node } from '../program/types.ts'
import { segments } from '../program/wants.ts'

/** Gives the bit patterns of a run of elements of operand `input`. */
export type Source = (input: number, run: Run) => Int32Array

/**
 * The bits of one output element (of one segment of its reduction, for a reduction): what the
 * referee contract computes, element by element from the definition. Values of operands come from
 * `source`, those of immediates and the step from the node and the context.
 */
export function judge(
  node: Node,
  element: number,
  segment: number,
  source: Source,
  context: StepContext,
): number {
  const op = operatorOf(node.op)
  const word = (input: number, from: number): number => {
    const operand = node.inputs[input]
    if (operand.kind === 'immediate') return operand.bits
    if (operand.kind === 'step') return context.step
    return source(input, { from, length: 1 })[0]
  }
  const runs = allRuns(node, element, segment, word)
  const operands = node.inputs.map(({ kind }, input) => {
    const run = runs[input]
    if (run === undefined) return undefined
    const fixed = kind === 'immediate' || kind === 'step'
    return fixed ? Int32Array.of(word(input, 0)) : source(input, run)
  })
  switch (node.form.family) {
    case 'elementwise':
      return scalarBits(op, node.type, operands as Int32Array[])
    case 'matmul':
    case 'reduce':
      return segmentBits(node, operands as Int32Array[], 0)
    case 'indexed': {
      const { B, V, R } = node.form
      if (node.op === 'ScatterAdd') {
        return segmentBits(node, operands as Int32Array[], coordinates([B, V, R], element)[1])
      }
      return operands[0]?.[0] ?? (node.type === 'f32' ? NAN_BITS : 0)
    }
    case 'move':
      return operands[0]?.[0] ?? node.form.fill | 0
    case 'concat':
      return operands.find((words) => words !== undefined)![0]
    case 'generate':
      return node.op === 'Iota' ? element | 0 : philoxWord(element, node.form.stream, context)
  }
}

/** The bits of one output element, folded from all its segments where it is a reduction. */
export function judgeElement(
  node: Node,
  element: number,
  source: Source,
  context: StepContext,
): number {
  return foldBits(node, judgeSegments(node, element, source, context))
}

/** The bits of every segment of an element; one for what is not a reduction. */
export function judgeSegments(
  node: Node,
  element: number,
  source: Source,
  context: StepContext,
): Int32Array {
  return Int32Array.from({ length: segments(node) }, (_, segment) =>
    judge(node, element, segment, source, context),
  )
}

/** Combines partial results, given and returned as bits, as section 2.1 of the specification says. */
export function foldBits(node: Node, partials: Int32Array): number {
  if (partials.length === 1) return partials[0]
  const combine = operatorOf(node.op).combine[node.type]
  if (combine === undefined) throw new Error(`${node.op} on ${node.type} has no partial results`)
  return node.type === 'f32'
    ? bitsOf(fold(Array.from(partials, fromBits), combine))
    : fold(Array.from(partials), combine)
}

/** One application of an element-wise operator to bit patterns. */
export function scalarBits(op: Operator, T: DType, operands: readonly Int32Array[]): number {
  const scalar = op.scalar[T]
  if (scalar === undefined) throw new Error(`${op.name} does not exist for ${T}`)
  const [a, b, c] = operands.map(([word], input) => {
    const copied = op.copies || slotType(op.inputs[input], T) === 'i32'
    return copied ? word : fromBits(word)
  })
  const result = scalar(a, b, c)
  return op.copies || slotType(op.result, T) === 'i32' ? result : bitsOf(result)
}

/** One segment of a reduction, from the words of its runs. `wanted` is ScatterAdd's index. */
function segmentBits(node: Node, operands: readonly Int32Array[], wanted: number): number {
  const [x, y] = operands
  const { length } = x
  switch (node.op) {
    case 'MatMul':
      return bitsOf(dotSegment(floats(x), 0, floats(y), 0, length))
    case 'ScatterAdd':
      return bitsOf(scatterSegment(x, 0, floats(y), 0, length, wanted))
    case 'ReduceSum':
      return node.type === 'i32'
        ? sumIntegers(x, 0, length)
        : bitsOf(sumSegment(floats(x), 0, length))
    case 'ReduceMax':
      return node.type === 'i32'
        ? maxSegment(x, 0, length)
        : bitsOf(maxSegment(floats(x), 0, length))
    default:
      throw new Error(`${node.op} is no reduction`)
  }
}

const floats = (words: Int32Array): Float32Array =>
  new Float32Array(words.buffer, words.byteOffset, words.length)

/** Word `element` of the Philox stream. */
function philoxWord(element: number, stream: number, { step, seed }: StepContext): number {
  const block = Math.floor(element / 4)
  const out = new Int32Array(4)
  const high = Math.floor(block / 2 ** 32)
  philox(block | 0, high, step, stream, Number(seed & 0xffffffffn), Number(seed >> 32n), out, 0)
  return out[element % 4]
}
