import { canonicalElementwise } from '../program/canonical.ts'
import { checkNode, type NodeBounds } from '../program/checkNode.ts'
import { ProgramError } from '../program/ProgramError.ts'
import type { Signature } from '../program/signatures.ts'
import type { DType, Form, Input, MoveAxis, Node } from '../program/types.ts'
import { inputWants, type TensorType } from '../program/wants.ts'
import type { Random } from './Random.ts'

/** Gives a random dim; `reduced` says that it is the length of a reduced axis. */
export type Size = (random: Random, reduced: boolean) => number

/** A random form for an operator, obeying every rule of its family while counts stay below 2^40. */
export function randomForm(
  random: Random,
  { family, name }: Signature,
  inputs: number,
  size: Size,
): Form {
  const dim = (): number => size(random, false)
  const reduced = (): number => size(random, true)
  const dims = (most: number): number[] => Array.from({ length: random.below(most + 1) }, dim)
  switch (family) {
    case 'elementwise': {
      const all = dims(4)
      const masks = Array.from({ length: inputs }, () =>
        random.chance(0.5) ? 2 ** all.length - 1 : random.below(2 ** all.length),
      )
      return canonicalElementwise(all, masks)
    }
    case 'matmul': {
      const B = random.chance(0.4) ? 1 : dim()
      const shared = (): boolean => B > 1 && random.chance(0.3)
      return { family, B, M: dim(), N: dim(), K: reduced(), xShared: shared(), yShared: shared() }
    }
    case 'reduce':
      return { family, R: dim(), K: reduced() }
    case 'indexed':
      return { family, B: random.chance(0.5) ? 1 : dim(), V: dim(), R: dim(), Q: reduced() }
    case 'move': {
      const inDims = dims(3)
      const outDims = dims(4)
      const fill = random.chance(0.5) ? 0 : random.u32()
      return {
        family,
        inDims,
        outDims,
        fill,
        axes: inDims.map((d) => randomAxis(random, d, outDims)),
      }
    }
    case 'concat':
      return { family, O: dim(), I: dim(), sizes: Array.from({ length: inputs }, dim) }
    case 'generate':
      return { family, N: dim(), stream: name === 'Philox' ? random.u32() : 0 }
  }
}

/** A map that reads inside the input about as often as outside of it. */
function randomAxis(random: Random, dim: number, outDims: readonly number[]): MoveAxis {
  const divisor = random.chance(0.7) ? 1 : random.between(2, 3)
  const terms = outDims.flatMap((_, axis) => {
    if (!random.chance(0.6)) return []
    const size = random.pick([1, 1, 1, 2, 3, dim])
    return [{ axis, coefficient: random.chance(0.8) ? size : -size }]
  })
  const reach = Math.min(2 ** 38, dim * divisor)
  return { offset: random.between(-Math.min(3, reach), reach - 1), divisor, terms }
}

/** Names a producer of what input k of a node wants. */
export type Source = (want: TensorType, node: Node, k: number) => Input

/** A random node that is well-formed alone, made of forms that `accept` allows. */
export function randomNode(
  random: Random,
  signature: Signature,
  bounds: NodeBounds,
  size: Size,
  source: Source,
  accept: (node: Node) => boolean = () => true,
): Node {
  for (;;) {
    const type: DType = random.pick(signature.types)
    const arity = signature.family === 'concat' ? random.between(1, 8) : signature.inputs.length
    const form = randomForm(random, signature, arity, size)
    const unfed: Node = { op: signature.name, type, inputs: placeholders(arity), form }
    if (!obeys(unfed, { node: 1, states: 0, constants: 0 }) || !accept(unfed)) continue
    const inputs = unfed.inputs.map((_, k): Input => {
      const want = inputWants(unfed, k)
      const single = form.family === 'elementwise' ? form.masks[k] === 0 : want.count === 1
      if (single && want.type === 'i32' && random.chance(0.2)) return { kind: 'step' }
      if (single && random.chance(0.5)) return { kind: 'immediate', bits: random.word(want.type) }
      return source(want, unfed, k)
    })
    const node = { ...unfed, inputs }
    checkNode(node, bounds)
    return node
  }
}

const placeholders = (arity: number): Input[] =>
  Array.from({ length: arity }, () => ({ kind: 'node', ref: 0 }))

function obeys(node: Node, bounds: NodeBounds): boolean {
  try {
    checkNode(node, bounds)
    return true
  } catch (error) {
    if (error instanceof ProgramError) return false
    throw error
  }
}
