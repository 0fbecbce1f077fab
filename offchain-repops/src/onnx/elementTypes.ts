import type { DType } from '../program/types.ts'
import { OnnxError } from './OnnxError.ts'

/** Types of elements that can be read. The number is that of TensorProto.DataType. */
export const ELEMENT_TYPES = {
  float: { code: 1, bytes: 4, dtype: 'f32' },
  uint8: { code: 2, bytes: 1, dtype: 'i32' },
  int8: { code: 3, bytes: 1, dtype: 'i32' },
  uint16: { code: 4, bytes: 2, dtype: 'i32' },
  int16: { code: 5, bytes: 2, dtype: 'i32' },
  int32: { code: 6, bytes: 4, dtype: 'i32' },
  int64: { code: 7, bytes: 8, dtype: 'i32' },
  bool: { code: 9, bytes: 1, dtype: 'i32' },
  float16: { code: 10, bytes: 2, dtype: 'f32' },
  double: { code: 11, bytes: 8, dtype: 'f32' },
  uint32: { code: 12, bytes: 4, dtype: 'i32' },
  uint64: { code: 13, bytes: 8, dtype: 'i32' },
  bfloat16: { code: 16, bytes: 2, dtype: 'f32' },
} as const satisfies Record<string, { code: number; bytes: number; dtype: DType }>

export type ElementType = keyof typeof ELEMENT_TYPES

const OTHER: Readonly<Record<number, string | undefined>> = {
  0: 'undefined',
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
  27: 'float6e2m3',
  28: 'float6e3m2',
}

const BY_CODE = new Map<number, ElementType>(
  Object.entries(ELEMENT_TYPES).map(([name, { code }]) => [code, name as ElementType]),
)

/** The type of a TensorProto.DataType; `what` begins the message where there is none. */
export function elementTypeOf(code: number, what: string): ElementType {
  const type = BY_CODE.get(code)
  if (type === undefined)
    throw new OnnxError(
      OTHER[code] === undefined ? 'malformed' : 'unsupported',
      `${what} has elements of type ${OTHER[code] ?? code}; ${Object.keys(ELEMENT_TYPES).join(', ')} can be read`,
    )
  return type
}

export const isFloat = (type: ElementType): boolean => ELEMENT_TYPES[type].dtype === 'f32'

/**
 * The type that elements have while a program runs: float for the float types but double, i32 for the whole numbers that
 * it can hold. float16 and bfloat16 are computed in float.
 */
export function runningType(type: ElementType, what: string): DType {
  if (type === 'double' || type === 'uint32' || type === 'uint64')
    throw new OnnxError(
      'unsupported',
      `${what} has elements of type ${type} at run time; RepOps computes in float and int32, convert the model`,
    )
  return ELEMENT_TYPES[type].dtype
}
