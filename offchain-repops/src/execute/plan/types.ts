import type { DType, MoveForm, Program } from '../../program/types.ts'

/** Why plans exist and what runs them: docs/decisions/0013-plans-and-executables.md. */

/** Where the words of a slot lie while a step runs. */
export type Place =
  /** `offset` words from the start of the arena, a multiple of 256 (a leaf). */
  | { readonly kind: 'arena'; readonly offset: number }
  | { readonly kind: 'state'; readonly ref: number }
  | { readonly kind: 'constant'; readonly ref: number }
  | { readonly kind: 'immediate'; readonly bits: number }
  | { readonly kind: 'step' }

/** A tensor of the step. Slots whose lifetimes do not meet share words of the arena. */
export interface Slot {
  readonly type: DType
  readonly count: number
  readonly place: Place
}

/** One step of a program, ready to be run many times. */
export interface Plan {
  readonly program: Program
  /** First the states, then the constants, in their order, whether tasks use them or not; then all others. */
  readonly slots: readonly Slot[]
  readonly arenaWords: number
  readonly tasks: readonly Task[]
}

/** Some nodes of the program, computed together by one kernel. */
export interface Task {
  /** In program order; none for a copy of a value into its state. */
  readonly nodes: readonly number[]
  readonly kernel: Kernel
  /** Slots, in the order that the kernel counts them; those of a node alone are in the node's order. */
  readonly inputs: readonly number[]
  /**
   * Slots, written in full; outputs and inputs never overlap, with one exception: an output of a `rows` kernel may lie
   * in the words of an input that is read element by element in the order in which the output is written. Its value
   * is then complete in the last pass over a row, not before, and no later instruction reads that input.
   */
  readonly outputs: readonly number[]
  /** Whether the tensor root of its (only) output is wanted as soon as it is there. */
  readonly commit: boolean
}

export type Kernel =
  | RowsKernel
  | ColumnsKernel
  | MatMulKernel
  | MoveKernel
  | ConcatKernel
  | IndexedKernel
  | GenerateKernel
  | CopyKernel

/**
 * Element-wise operators and reductions along the last axis. The last of `dims` is the row length, the product of the
 * others (1 where there are none) the number of rows; `dims` is never empty. Rows are independent.
 */
export interface RowsKernel {
  readonly kind: 'rows'
  readonly dims: readonly number[]
  /** For each input the words between neighbours along each of `dims`; 0 where it does not vary. The last is 0 or 1. */
  readonly strides: readonly (readonly number[])[]
  readonly instructions: readonly Instruction[]
  /** For each output slot the instruction whose value it stores, row after row. */
  readonly stores: readonly number[]
}

/** One node inside a `rows` kernel. Its value has a word for each element of a row, or one for the whole row. */
export interface Instruction {
  /** An element-wise operator, ReduceSum or ReduceMax. */
  readonly op: string
  /** Operand type of the node. */
  readonly type: DType
  readonly operands: readonly Operand[]
  /** One word a row: a reduction, or an operator whose operands are all of that kind. */
  readonly perRow: boolean
}

export type Operand =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'instruction'; readonly index: number }

/** ReduceSum or ReduceMax of x [O, K, I] over K → [O, I]: a reduction whose transposition needs no copy. */
export interface ColumnsKernel {
  readonly kind: 'columns'
  readonly op: 'ReduceSum' | 'ReduceMax'
  readonly type: DType
  readonly O: number
  readonly K: number
  readonly I: number
}

/** Words between neighbours along the batch axes, the rows and the columns of a matrix operand. */
export interface MatrixStrides {
  readonly batch: readonly number[]
  readonly row: number
  readonly column: number
}

/** out[b, m, n] = R_dot over k of x[b, m, k] · y[b, n, k]: x has rows m and columns k, y rows n and columns k. */
export interface MatMulKernel {
  readonly kind: 'matmul'
  /** Extents of the batch axes; none for a single product. */
  readonly batch: readonly number[]
  readonly M: number
  readonly N: number
  readonly K: number
  readonly x: MatrixStrides
  readonly y: MatrixStrides
  readonly out: MatrixStrides
}

export interface MoveKernel {
  readonly kind: 'move'
  readonly form: MoveForm
}

/** Inputs [O, n_i, I] → [O, Σ n_i, I]. */
export interface ConcatKernel {
  readonly kind: 'concat'
  readonly O: number
  readonly I: number
  readonly sizes: readonly number[]
}

export interface IndexedKernel {
  readonly kind: 'indexed'
  readonly op: 'Gather' | 'ScatterAdd'
  readonly type: DType
  readonly B: number
  readonly V: number
  readonly R: number
  readonly Q: number
}

export interface GenerateKernel {
  readonly kind: 'generate'
  readonly op: 'Iota' | 'Philox'
  readonly N: number
  readonly stream: number
}

/** input → output, `count` words: a value that could not be computed in its state's place. */
export interface CopyKernel {
  readonly kind: 'copy'
  readonly count: number
}
