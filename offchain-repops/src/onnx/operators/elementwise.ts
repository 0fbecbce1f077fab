import { sigmoid } from '../../build/layers/activations.ts'
import type { Value } from '../../build/Value.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { isFloat } from '../elementTypes.ts'

type Method = 'exp' | 'log' | 'sin' | 'cos' | 'tanh' | 'erf' | 'sqrt' | 'floor' | 'round'

const float =
  (of: (x: Value) => Value): Lowering =>
  (call) =>
    of(call.floatValue(0))

const method = (name: Method): Lowering => float((x) => x[name]())

/** An input of numbers; of whole ones, those types whose arithmetic does not wrap before 32 bits. */
function number(call: Call, index: number): Value {
  const type = call.type(index)
  if (!isFloat(type) && type !== 'int32' && type !== 'int64')
    call.refuse(`input ${index} is of type ${type}; float, int32 and int64 are supported`)
  return call.value(index)
}

const binary =
  (of: (a: Value, b: Value) => Value): Lowering =>
  (call) =>
    of(number(call, 0), number(call, 1))

/** Any number of operands, from the first to the last. */
const nary =
  (of: (a: Value, b: Value) => Value): Lowering =>
  (call) =>
    all(call).reduce(of)

const all = (call: Call): Value[] => call.operands.map((_, i) => number(call, i))

/** Toward zero; what has no fraction in f32 anyway stays, infinities and NaN too. */
const truncate = (x: Value): Value => x.lt(0).where(x.neg().floor().neg(), x.floor())

/** The remainder with the sign of the divisor (fmod 0) or of the dividend (1). */
function modulo(call: Call): Value {
  const [a, b] = [number(call, 0), number(call, 1)]
  const truncated = call.flag('fmod')
  if (a.type === 'i32') return truncated ? a.rem(b) : a.rem(b).add(b).rem(b)
  // The quotient may round up to the next whole number, which leaves a remainder of the wrong sign.
  const quotient = truncate(a.div(b))
  // A quotient of 0 leaves all, also of an infinite divisor.
  const remainder = quotient.eq(0).where(a, quotient.neg().fma(b, a))
  const wrong = remainder.mul(a).lt(0)
  const fixed = wrong.where(remainder.add(a.lt(0).xor(b.lt(0)).where(b.neg(), b)), remainder)
  if (truncated) return fixed
  return fixed.mul(b).lt(0).where(fixed.add(b), fixed)
}

/** a^b; exponents that exporters write are products and roots. */
function power(call: Call): Value {
  const a = number(call, 0)
  const exponent = call.operand(1)
  const known = 'data' in exponent && exponent.count === 1 ? exponent.data[0] : undefined
  // A known exponent of one element must not make the result's rank larger than it is.
  const plain = known !== undefined && call.shape(1).length <= a.rank
  if (plain && known === 1) return a
  if (plain && known === 2) return a.mul(a)
  if (plain && known === 3) return a.mul(a).mul(a)
  if (a.type === 'i32')
    return call.refuse('powers of whole numbers are supported for the exponents 1, 2, 3')
  if (plain && known === 0.5) return a.sqrt()
  if (plain && known === -1) return a.scalar(1).div(a)
  if (plain && known === -0.5) return a.scalar(1).div(a.sqrt())
  const b = call.value(1)
  return a.pow(b.type === 'i32' ? b.i2f() : b)
}

function sign(call: Call): Value {
  const x = number(call, 0)
  if (x.type === 'i32') return x.max(-1).min(1)
  return x.scalar(0).lt(x).where(1, x.lt(0).where(-1, x))
}

function clip(call: Call): Value {
  const x = number(call, 0)
  const [least, most] = [call.optional(1), call.optional(2)]
  const raised = least ? x.max(least) : x
  return most ? raised.min(most) : raised
}

function mean(call: Call): Value {
  const values = all(call)
  const sum = values.reduce((a, b) => a.add(b))
  return values.length === 1 ? sum : sum.div(values.length)
}

const negate = (x: Value): Value => (x.type === 'f32' ? x.neg() : x.scalar(0).sub(x))

/** Truth values: i32 0 and 1. */
const truth = (value: Value): Result => ({ type: 'bool', value })

const compare =
  (of: (a: Value, b: Value) => Value): Lowering =>
  (call) =>
    truth(of(call.value(0), call.value(1)))

const logic =
  (of: (a: Value, b: Value) => Value): Lowering =>
  (call) => {
    for (const i of [0, 1])
      if (call.type(i) !== 'bool')
        call.malformed(`input ${i} is of type ${call.type(i)}, bool is wanted`)
    return truth(of(call.value(0), call.value(1)))
  }

const bitwise =
  (of: (a: Value, b: Value) => Value): Lowering =>
  (call) =>
    of(number(call, 0), number(call, 1))

const not = (x: Value): Value => x.eq(0)

function isInfinite(call: Call): Result {
  const x = call.floatValue(0)
  const [negative, positive] = [
    call.flag('detect_negative', true),
    call.flag('detect_positive', true),
  ]
  if (negative && positive) return truth(x.abs().eq(Infinity))
  return truth(x.eq(negative ? -Infinity : positive ? Infinity : NaN))
}

/** Operators on elements, one by one. */
export const elementwise: Readonly<Record<string, Lowering>> = {
  Abs: (call) => {
    const x = number(call, 0)
    return x.type === 'f32' ? x.abs() : x.max(negate(x))
  },
  Add: binary((a, b) => a.add(b)),
  And: logic((a, b) => a.and(b)),
  BitwiseAnd: bitwise((a, b) => a.and(b)),
  BitwiseNot: (call) => number(call, 0).xor(-1),
  BitwiseOr: bitwise((a, b) => a.or(b)),
  BitwiseXor: bitwise((a, b) => a.xor(b)),
  Ceil: float((x) => x.neg().floor().neg()),
  Clip: clip,
  Cos: method('cos'),
  Cosh: float((x) => x.exp().fma(0.5, x.neg().exp().mul(0.5))),
  Div: binary((a, b) => a.div(b)),
  Equal: compare((a, b) => a.eq(b)),
  Erf: method('erf'),
  Exp: method('exp'),
  Floor: method('floor'),
  Greater: compare((a, b) => b.lt(a)),
  GreaterOrEqual: compare((a, b) => b.le(a)),
  IsInf: isInfinite,
  IsNaN: (call) => {
    const x = call.floatValue(0)
    return truth(not(x.eq(x)))
  },
  Less: compare((a, b) => a.lt(b)),
  LessOrEqual: compare((a, b) => a.le(b)),
  Log: method('log'),
  Max: nary((a, b) => a.max(b)),
  Mean: mean,
  Min: nary((a, b) => a.min(b)),
  Mod: modulo,
  Mul: binary((a, b) => a.mul(b)),
  Neg: (call) => negate(number(call, 0)),
  Not: (call) => truth(not(call.value(0))),
  Or: logic((a, b) => a.or(b)),
  Pow: power,
  Reciprocal: float((x) => x.scalar(1).div(x)),
  Round: method('round'),
  Sigmoid: float(sigmoid),
  Sign: sign,
  Sin: method('sin'),
  Sqrt: method('sqrt'),
  Sub: binary((a, b) => a.sub(b)),
  Sum: nary((a, b) => a.add(b)),
  Tan: float((x) => x.sin().div(x.cos())),
  Tanh: method('tanh'),
  Where: (call) => {
    const value = call.value(0).where(call.value(1), call.value(2))
    return { type: call.type(1), value }
  },
  Xor: logic((a, b) => a.xor(b)),
}
