import { SEGMENT } from './limits.ts'
import { signatureOf } from './signatures.ts'
import type { DType, Node } from './types.ts'

/** A tensor as programs see it: shapes live in the forms of the nodes that use it. */
export interface TensorType {
  readonly type: DType
  readonly count: number
}

/** Of lengths: how many elements there are. */
export const product = (factors: readonly number[]): number => factors.reduce((a, b) => a * b, 1)

/** Type and element count that a node wants of its k-th input. */
export function inputWants(node: Node, k: number): TensorType {
  const { inputs, family } = signatureOf(node.op)
  const operand = family === 'concat' ? 'T' : inputs.at(k)
  if (operand === undefined || k >= node.inputs.length)
    throw new RangeError(`${node.op} has no input ${k}`)
  return { type: operand === 'T' ? node.type : operand, count: inputCount(node, k) }
}

function inputCount(node: Node, k: number): number {
  const form = node.form
  switch (form.family) {
    case 'elementwise':
      return product(form.dims.filter((_, axis) => (form.masks[k] >> axis) & 1))
    case 'matmul':
      return k === 0
        ? (form.xShared ? 1 : form.B) * form.M * form.K
        : (form.yShared ? 1 : form.B) * form.N * form.K
    case 'reduce':
      return form.R * form.K
    case 'indexed': {
      const index = k === (node.op === 'Gather' ? 1 : 0)
      if (index) return form.B * form.Q
      return form.B * form.R * (node.op === 'Gather' ? form.V : form.Q)
    }
    case 'move':
      return product(form.inDims)
    case 'concat':
      return form.O * form.sizes[k] * form.I
    case 'generate':
      throw new RangeError(`${node.op} has no inputs`)
  }
}

/** Type and element count of a node's output. */
export function outputOf(node: Node): TensorType {
  const { result } = signatureOf(node.op)
  return { type: result === 'T' ? node.type : result, count: outputCount(node) }
}

function outputCount(node: Node): number {
  const form = node.form
  switch (form.family) {
    case 'elementwise':
      return product(form.dims)
    case 'matmul':
      return form.B * form.M * form.N
    case 'reduce':
      return form.R
    case 'indexed':
      return form.B * form.R * (node.op === 'Gather' ? form.Q : form.V)
    case 'move':
      return product(form.outDims)
    case 'concat':
      return form.O * form.sizes.reduce((a, b) => a + b, 0) * form.I
    case 'generate':
      return form.N
  }
}

/** Elements of the axis that each output element reduces; 1 for what is not a reduction. */
export function reducedLength(node: Node): number {
  const form = node.form
  if (form.family === 'matmul' || form.family === 'reduce') return form.K
  if (form.family === 'indexed' && node.op === 'ScatterAdd') return form.Q
  return 1
}

/** Segments of 256 in one element's reduction; 1 for what is not a reduction. */
export function segments(node: Node): number {
  return Math.ceil(reducedLength(node) / SEGMENT)
}
