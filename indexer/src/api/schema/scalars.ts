import type { GraphQLScalarType, ValueNode } from 'graphql'
import { apiError } from '../errors.ts'
import { graphql } from '../graphql.ts'

const { GraphQLScalarType: Scalar, Kind, valueFromASTUntyped } = graphql

const BigIntScalar = new Scalar<bigint, string>({
  name: 'BigInt',
  serialize: (value) => String(value),
  parseValue: (value) => readBigInt(value),
  parseLiteral: (node) => readBigInt(literal(node)),
})

const BytesScalar = new Scalar<string, string>({
  name: 'Bytes',
  serialize: (value) => String(value),
  parseValue: (value) => readBytes(value),
  parseLiteral: (node) => readBytes(literal(node)),
})

const TimestampScalar = new Scalar<number, number>({
  name: 'Timestamp',
  serialize: (value) => Number(value),
  parseValue: (value) => readTimestamp(value),
  parseLiteral: (node) => readTimestamp(literal(node)),
})

const JsonScalar = new Scalar<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
})

export const scalars: Record<string, GraphQLScalarType> = {
  BigInt: BigIntScalar,
  Bytes: BytesScalar,
  Timestamp: TimestampScalar,
  JSON: JsonScalar,
}

/** Text of a literal, so that whole numbers of any size come through; undefined for what is none. */
const literal = (node: ValueNode): unknown =>
  node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined

function readBigInt(value: unknown): bigint {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  // 78 digits: those of 2^256.
  if (typeof text === 'string' && /^-?\d{1,78}$/.test(text)) return BigInt(text)
  throw refusal('BigInt', value, 'a whole number of at most 78 digits, best as a string')
}

function readBytes(value: unknown): string {
  if (typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value)) return value.toLowerCase()
  throw refusal('Bytes', value, 'an even number of hexadecimal digits after 0x, as a string')
}

function readTimestamp(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw refusal('Timestamp', value, 'unix seconds, a whole number')
}

const refusal = (type: string, value: unknown, wanted: string): Error =>
  apiError(
    'BAD_INPUT',
    `${value === undefined ? 'This' : JSON.stringify(value).slice(0, 100)} is no ${type}.`,
    `Write ${wanted}.`,
  )
