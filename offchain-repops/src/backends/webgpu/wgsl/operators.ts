import type { DType } from '../../../program/types.ts'

type Expression = (a: string, b: string, c: string) => string

const call =
  (name: string): Expression =>
  (...operands) =>
    `${name}(${operands.filter((operand) => operand !== '').join(', ')})`
const truth =
  (name: string): Expression =>
  (a, b) =>
    `u32(${name}(${a}, ${b}))`
const infix =
  (operator: string): Expression =>
  (a, b) =>
    `(${a} ${operator} ${b})`
const signed =
  (operator: string): Expression =>
  (a, b) =>
    `u32(bitcast<i32>(${a}) ${operator} bitcast<i32>(${b}))`
const signedCall =
  (name: string): Expression =>
  (a, b) =>
    `bitcast<u32>(${name}(bitcast<i32>(${a}), bitcast<i32>(${b})))`
const copy: Expression = (a) => a
const where: Expression = (a, b, c) => `select(${c}, ${b}, ${a} != 0u)`

/** Element-wise operators as expressions over operands of u32. Every operator of the table, by operand type. */
const EXPRESSIONS: Readonly<
  Record<string, Readonly<Partial<Record<DType, Expression>>> | undefined>
> = {
  Add: { f32: call('f_add'), i32: infix('+') },
  Sub: { f32: call('f_sub'), i32: infix('-') },
  Mul: { f32: call('f_mul'), i32: infix('*') },
  Div: { f32: call('f_div'), i32: call('i_div') },
  Sqrt: { f32: call('f_sqrt') },
  Fma: { f32: call('f_fma') },
  Neg: { f32: call('f_neg') },
  Abs: { f32: call('f_abs') },
  Min: { f32: call('f_min'), i32: signedCall('min') },
  Max: { f32: call('f_max'), i32: signedCall('max') },
  Floor: { f32: call('f_floor') },
  Round: { f32: call('f_round') },
  Exp: { f32: call('f_exp') },
  Log: { f32: call('f_log') },
  Tanh: { f32: call('f_tanh') },
  Erf: { f32: call('f_erf') },
  Sin: { f32: call('f_sin') },
  Cos: { f32: call('f_cos') },
  Pow: { f32: call('f_pow') },
  Rem: { i32: call('i_rem') },
  And: { i32: infix('&') },
  Or: { i32: infix('|') },
  Xor: { i32: infix('^') },
  Shl: { i32: (a, b) => `(${a} << (${b} & 31u))` },
  Shr: { i32: (a, b) => `(${a} >> (${b} & 31u))` },
  Sar: { i32: (a, b) => `bitcast<u32>(bitcast<i32>(${a}) >> (${b} & 31u))` },
  Eq: { f32: truth('f_eq'), i32: (a, b) => `u32(${a} == ${b})` },
  Lt: { f32: truth('f_lt'), i32: signed('<') },
  Le: { f32: truth('f_le'), i32: signed('<=') },
  Where: { f32: where, i32: where },
  F2I: { f32: call('f_to_int') },
  I2F: { i32: call('int_to_f') },
  Bits: { f32: copy },
  Unbits: { i32: copy },
}

/** The WGSL expression of an element-wise operator. Throws where the operator does not exist for the type. */
export function operatorExpression(op: string, type: DType, operands: readonly string[]): string {
  const expression = EXPRESSIONS[op]?.[type]
  if (expression === undefined) throw new Error(`no element-wise operator ${op} on ${type}`)
  const [a = '', b = '', c = ''] = operands
  return expression(a, b, c)
}
