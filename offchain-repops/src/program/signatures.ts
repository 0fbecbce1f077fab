import type { DType, Form } from './types.ts'

/** What the encoding must know of an operator: the table of docs/spec/repops.md, section 2. */
export interface Signature {
  readonly name: string
  readonly code: number
  readonly family: Form['family']
  /** Operand types with which the operator exists. */
  readonly types: readonly DType[]
  /** Type of each input; T is the node's operand type. Concat has one to eight inputs of T. */
  readonly inputs: readonly ('T' | DType)[]
  readonly result: 'T' | DType
}

type Row = readonly [
  code: number,
  name: string,
  types: string,
  inputs: string,
  result: 'T' | DType,
  family?: Form['family'],
]

const ROWS: readonly Row[] = [
  [0x01, 'Add', 'f32 i32', 'T T', 'T'],
  [0x02, 'Sub', 'f32 i32', 'T T', 'T'],
  [0x03, 'Mul', 'f32 i32', 'T T', 'T'],
  [0x04, 'Div', 'f32 i32', 'T T', 'T'],
  [0x05, 'Sqrt', 'f32', 'T', 'T'],
  [0x06, 'Fma', 'f32', 'T T T', 'T'],
  [0x07, 'Neg', 'f32', 'T', 'T'],
  [0x08, 'Abs', 'f32', 'T', 'T'],
  [0x09, 'Min', 'f32 i32', 'T T', 'T'],
  [0x0a, 'Max', 'f32 i32', 'T T', 'T'],
  [0x0b, 'Floor', 'f32', 'T', 'T'],
  [0x0c, 'Round', 'f32', 'T', 'T'],
  [0x0d, 'Exp', 'f32', 'T', 'T'],
  [0x0e, 'Log', 'f32', 'T', 'T'],
  [0x0f, 'Tanh', 'f32', 'T', 'T'],
  [0x10, 'Erf', 'f32', 'T', 'T'],
  [0x11, 'Sin', 'f32', 'T', 'T'],
  [0x12, 'Cos', 'f32', 'T', 'T'],
  [0x13, 'Pow', 'f32', 'T T', 'T'],
  [0x20, 'Rem', 'i32', 'T T', 'T'],
  [0x21, 'And', 'i32', 'T T', 'T'],
  [0x22, 'Or', 'i32', 'T T', 'T'],
  [0x23, 'Xor', 'i32', 'T T', 'T'],
  [0x24, 'Shl', 'i32', 'T T', 'T'],
  [0x25, 'Shr', 'i32', 'T T', 'T'],
  [0x26, 'Sar', 'i32', 'T T', 'T'],
  [0x30, 'Eq', 'f32 i32', 'T T', 'i32'],
  [0x31, 'Lt', 'f32 i32', 'T T', 'i32'],
  [0x32, 'Le', 'f32 i32', 'T T', 'i32'],
  [0x33, 'Where', 'f32 i32', 'i32 T T', 'T'],
  [0x34, 'F2I', 'f32', 'T', 'i32'],
  [0x35, 'I2F', 'i32', 'T', 'f32'],
  [0x36, 'Bits', 'f32', 'T', 'i32'],
  [0x37, 'Unbits', 'i32', 'T', 'f32'],
  [0x40, 'MatMul', 'f32', 'T T', 'T', 'matmul'],
  [0x41, 'ReduceSum', 'f32 i32', 'T', 'T', 'reduce'],
  [0x42, 'ReduceMax', 'f32 i32', 'T', 'T', 'reduce'],
  [0x43, 'ScatterAdd', 'f32', 'i32 T', 'T', 'indexed'],
  [0x50, 'Gather', 'f32 i32', 'T i32', 'T', 'indexed'],
  [0x51, 'Move', 'f32 i32', 'T', 'T', 'move'],
  [0x52, 'Concat', 'f32 i32', 'T', 'T', 'concat'],
  [0x53, 'Iota', 'i32', '', 'T', 'generate'],
  [0x54, 'Philox', 'i32', '', 'T', 'generate'],
]

const words = <T extends string>(text: string): T[] => text.split(' ').filter(Boolean) as T[]

export const SIGNATURES: readonly Signature[] = ROWS.map(
  ([code, name, types, inputs, result, family = 'elementwise']) => ({
    code,
    name,
    types: words<DType>(types),
    inputs: words<'T' | DType>(inputs),
    result,
    family,
  }),
)

const byCode = new Map(SIGNATURES.map((signature) => [signature.code, signature]))
const byName = new Map(SIGNATURES.map((signature) => [signature.name, signature]))

export const signatureOfCode = (code: number): Signature | undefined => byCode.get(code)

/** The signature of an operator by its name in the spec. Throws for a name that is none. */
export function signatureOf(op: string): Signature {
  const signature = byName.get(op)
  if (signature === undefined) throw new Error(`there is no operator called ${JSON.stringify(op)}`)
  return signature
}
