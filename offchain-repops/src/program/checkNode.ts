import { COUNT_LIMIT, MAX_INPUTS, MAX_RANK, MAX_REDUCTION, MOVE_INDEX_LIMIT } from './limits.ts'
import { ProgramError, type Rule } from './ProgramError.ts'
import { signatureOf } from './signatures.ts'
import type { ElementwiseForm, MoveForm, Node } from './types.ts'
import { inputWants, reducedLength } from './wants.ts'

/** What a node may refer to: nodes before `node`, and the program's states and constants. */
export interface NodeBounds {
  readonly node: number
  readonly states: number
  readonly constants: number
}

type Fail = (rule: Rule, what: string, input?: number) => never

/** Throws a ProgramError unless the node, standing alone, obeys section 4.1 of the specification. */
export function checkNode(node: Node, bounds: NodeBounds): void {
  const fail: Fail = (rule, what, input) => {
    const where = { entry: 'node', index: bounds.node } as const
    throw new ProgramError(rule, input === undefined ? where : { ...where, input }, what)
  }
  const signature = signatureOf(node.op)
  if (!signature.types.includes(node.type))
    fail('type', `${node.op} does not exist for ${node.type}`)
  if (node.form.family !== signature.family)
    fail('operator', `${node.op} has no ${node.form.family} form`)
  checkInputs(node, bounds, fail)
  checkForm(node, fail)
  checkReduction(node, fail)
  checkScalars(node, fail)
}

function checkInputs(node: Node, bounds: NodeBounds, fail: Fail): void {
  const given = node.inputs.length
  const { family, inputs } = signatureOf(node.op)
  if (family === 'concat' ? given < 1 || given > MAX_INPUTS : given !== inputs.length)
    fail('inputs', `${node.op} does not take ${given} inputs`)
  node.inputs.forEach((input, k) => {
    const limit =
      input.kind === 'node'
        ? bounds.node
        : input.kind === 'state'
          ? bounds.states
          : input.kind === 'constant'
            ? bounds.constants
            : undefined
    if (limit !== undefined && 'ref' in input && input.ref >= limit)
      fail('ref', `input ${k} names ${input.kind} ${input.ref}, only ${limit} may be named`, k)
  })
}

function checkForm(node: Node, fail: Fail): void {
  const form = node.form
  switch (form.family) {
    case 'elementwise':
      checkElementwise(form, node.inputs.length, fail)
      return
    case 'matmul': {
      checkDims([form.B, form.M, form.N, form.K], fail)
      const { B, M, N, K } = form
      checkCounts(
        [[B, M, N], form.xShared ? [M, K] : [B, M, K], form.yShared ? [N, K] : [B, N, K]],
        fail,
      )
      if (B === 1 && (form.xShared || form.yShared))
        fail('flags', 'an input is marked as shared by a batch of one')
      return
    }
    case 'reduce':
      checkDims([form.R, form.K], fail)
      checkCounts([[form.R, form.K]], fail)
      return
    case 'indexed': {
      const { B, V, R, Q } = form
      checkDims([B, V, R, Q], fail)
      checkCounts(
        [
          [B, V, R],
          [B, Q],
          [B, Q, R],
        ],
        fail,
      )
      return
    }
    case 'move':
      checkMove(form, fail)
      return
    case 'concat': {
      if (form.sizes.length !== node.inputs.length)
        fail('inputs', `${form.sizes.length} sizes for ${node.inputs.length} inputs`)
      checkDims([form.O, form.I, ...form.sizes], fail)
      checkCounts([[form.O, form.sizes.reduce((a, b) => a + b, 0), form.I]], fail)
      return
    }
    case 'generate':
      checkDims([form.N], fail)
      if (node.op === 'Iota' && form.stream !== 0) fail('stream', `Iota has stream ${form.stream}`)
  }
}

function checkElementwise({ dims, masks }: ElementwiseForm, inputs: number, fail: Fail): void {
  const rank = dims.length
  if (rank > MAX_RANK) fail('rank', `rank ${rank} is above ${MAX_RANK}`)
  if (masks.length !== inputs) fail('inputs', `${masks.length} masks for ${inputs} inputs`)
  checkDims(dims, fail)
  checkCounts([dims], fail)
  masks.forEach((mask, k) => {
    if (mask >= 2 ** rank)
      fail('mask', `mask ${mask} of input ${k} names an axis beyond ${rank}`, k)
  })
  dims.forEach((dim, axis) => {
    if (dim === 1) fail('canonical', `axis ${axis} has a single element`)
    if (
      axis + 1 < rank &&
      masks.every((mask) => ((mask >> axis) & 1) === ((mask >> (axis + 1)) & 1))
    )
      fail('canonical', `axes ${axis} and ${axis + 1} vary alike and must be merged`)
  })
}

function checkMove({ inDims, outDims, axes }: MoveForm, fail: Fail): void {
  for (const dims of [inDims, outDims])
    if (dims.length > MAX_RANK) fail('rank', `rank ${dims.length} is above ${MAX_RANK}`)
  if (axes.length !== inDims.length)
    fail('rank', `${axes.length} axis maps for ${inDims.length} input axes`)
  checkDims([...inDims, ...outDims], fail)
  checkCounts([inDims, outDims], fail)
  axes.forEach(({ offset, divisor, terms }, axis) => {
    if (divisor < 1) fail('divisor', `input axis ${axis} is divided by ${divisor}`)
    let reach = Math.abs(offset)
    terms.forEach((term, i) => {
      if (term.axis >= outDims.length || (i > 0 && term.axis <= terms[i - 1].axis))
        fail('terms', `term ${i} of input axis ${axis} is for output axis ${term.axis}`)
      if (term.coefficient === 0) fail('terms', `term ${i} of input axis ${axis} is zero`)
      // Inexact only far above the limit, where the comparison is not in doubt.
      reach += Math.abs(term.coefficient) * (outDims[term.axis] - 1)
    })
    if (reach >= MOVE_INDEX_LIMIT) fail('range', `the index of input axis ${axis} may reach 2^48`)
  })
}

function checkReduction(node: Node, fail: Fail): void {
  const length = reducedLength(node)
  if (length > MAX_REDUCTION) fail('reduction', `${length} elements are reduced, above 2^24`)
}

function checkScalars(node: Node, fail: Fail): void {
  node.inputs.forEach((input, k) => {
    if (input.kind !== 'immediate' && input.kind !== 'step') return
    const wanted = inputWants(node, k)
    if (input.kind === 'step' && wanted.type !== 'i32')
      fail('step', `input ${k} is the step number, an i32, where f32 is wanted`, k)
    if (node.form.family === 'elementwise' && node.form.masks[k] !== 0)
      fail('immediate', `input ${k} is a single word but varies along an axis`, k)
    if (wanted.count !== 1)
      fail('immediate', `input ${k} is a single word where ${wanted.count} elements are wanted`, k)
  })
}

function checkDims(dims: readonly number[], fail: Fail): void {
  for (const dim of dims) {
    if (!(dim >= 1)) fail('dim', `a dim is ${dim}, at least 1 is needed`)
    if (!(dim < COUNT_LIMIT)) fail('count', `a dim is ${dim}, at most 2^40 - 1 is allowed`)
  }
}

/** Every tensor's element count, factor by factor: each partial product stays below 2^40. */
function checkCounts(tensors: readonly (readonly number[])[], fail: Fail): void {
  for (const dims of tensors) {
    let count = 1
    for (const dim of dims) {
      count *= dim
      if (count >= COUNT_LIMIT)
        fail('count', `a tensor of ${dims.join(' × ')} has 2^40 elements or more`)
    }
  }
}
