import type { Gradient } from '../build/gradient.ts'
import type { DType, Form } from '../program/types.ts'

/** Type of an operand or of the result: fixed, or T, the operand type of the node. */
export type SlotType = 'T' | DType

/**
 * One element of the result from one element of each operand. An f32 is a number, an i32 a signed
 * integer; where the operator copies, both are bit patterns. A NaN may be any NaN: whoever stores
 * the result writes the canonical one.
 */
export type Scalar = (a: number, b: number, c: number) => number

/** Combines two partial results of a reduction. */
export type Combine = (a: number, b: number) => number

/** An operator: its line in the table of docs/spec/repops.md, section 2, and its meaning. */
export interface Operator {
  readonly name: string
  readonly code: number
  readonly family: Form['family']
  /** The operand types T with which it exists. */
  readonly types: readonly DType[]
  /** Type of each operand. Concat has one to eight of T and lists one. */
  readonly inputs: readonly SlotType[]
  readonly result: SlotType
  /** Copies bit patterns, NaN and all, instead of computing values. */
  readonly copies: boolean
  /** Meaning of an element-wise operator, by T. */
  readonly scalar: Readonly<Partial<Record<DType, Scalar>>>
  /** How segments of a reduction are folded, by T. */
  readonly combine: Readonly<Partial<Record<DType, Combine>>>
  /** Gradient with respect to its f32 operands; undefined where there is none or it is zero. */
  readonly gradient: Gradient | undefined
}

type Definition = Pick<Operator, 'name' | 'code' | 'inputs'> & Partial<Operator>

/** Fills in what most operators share: element-wise, result T, for each type that has a scalar. */
export function defineOp(definition: Definition): Operator {
  const { scalar = {}, combine = {} } = definition
  const types = (['f32', 'i32'] as const).filter((type) => type in scalar || type in combine)
  return {
    family: 'elementwise',
    result: 'T',
    copies: false,
    gradient: undefined,
    scalar,
    combine,
    types,
    ...definition,
  }
}

/** The type a slot has in a node of operand type T. */
export function slotType(slot: SlotType, T: DType): DType {
  return slot === 'T' ? T : slot
}
