/** The data model of a program. Encoding and rules: docs/spec/repops.md, section 4. */

export type DType = 'f32' | 'i32'

/** Where an operand comes from. `bits` is the 32-bit pattern of an immediate, as an unsigned number. */
export type Input =
  | { readonly kind: 'node'; readonly ref: number }
  | { readonly kind: 'state'; readonly ref: number }
  | { readonly kind: 'constant'; readonly ref: number }
  | { readonly kind: 'immediate'; readonly bits: number }
  | { readonly kind: 'step' }

/** `masks[i]` bit a: input i varies along axis a. Canonical: see the spec. */
export interface ElementwiseForm {
  readonly family: 'elementwise'
  readonly dims: readonly number[]
  readonly masks: readonly number[]
}

/** x [B or 1, M, K] · y [B or 1, N, K] → [B, M, N]. */
export interface MatMulForm {
  readonly family: 'matmul'
  readonly B: number
  readonly M: number
  readonly N: number
  readonly K: number
  readonly xShared: boolean
  readonly yShared: boolean
}

/** [R, K] → [R]. */
export interface ReduceForm {
  readonly family: 'reduce'
  readonly R: number
  readonly K: number
}

/** Gather x[B,V,R], i[B,Q] → [B,Q,R]; ScatterAdd i[B,Q], g[B,R,Q] → [B,V,R]. */
export interface IndexedForm {
  readonly family: 'indexed'
  readonly B: number
  readonly V: number
  readonly R: number
  readonly Q: number
}

/** One input axis of a Move: v = offset + Σ coefficient · outIndex[axis]; index = v / divisor. */
export interface MoveAxis {
  readonly offset: number
  readonly divisor: number
  readonly terms: readonly { readonly axis: number; readonly coefficient: number }[]
}

export interface MoveForm {
  readonly family: 'move'
  readonly inDims: readonly number[]
  readonly outDims: readonly number[]
  /** Bits written where the map falls outside the input. */
  readonly fill: number
  readonly axes: readonly MoveAxis[]
}

/** Inputs [O, n_i, I] → [O, Σ n_i, I]. */
export interface ConcatForm {
  readonly family: 'concat'
  readonly O: number
  readonly I: number
  readonly sizes: readonly number[]
}

/** Iota and Philox: N elements from nothing. */
export interface GenerateForm {
  readonly family: 'generate'
  readonly N: number
  readonly stream: number
}

export type Form =
  | ElementwiseForm
  | MatMulForm
  | ReduceForm
  | IndexedForm
  | MoveForm
  | ConcatForm
  | GenerateForm

/** `op` is the operator's name in the table of the spec; `type` its operand type. */
export interface Node {
  readonly op: string
  readonly type: DType
  readonly inputs: readonly Input[]
  readonly form: Form
}

export interface StateEntry {
  readonly name: string
  readonly type: DType
  readonly count: number
  /** Node whose output becomes the next value; undefined where the state never changes. */
  readonly next: number | undefined
}

export interface ConstantEntry {
  readonly name: string
  readonly type: DType
  readonly count: number
}

/** Names are for people; they are not part of the encoding. */
export interface Program {
  readonly nodes: readonly Node[]
  readonly states: readonly StateEntry[]
  readonly constants: readonly ConstantEntry[]
}
