import type { Operator } from './define.ts'
import { Add } from './add.ts'
import { Sub } from './sub.ts'
import { Mul } from './mul.ts'
import { Div } from './div.ts'
import { Sqrt } from './sqrt.ts'
import { Fma } from './fma.ts'
import { Neg } from './neg.ts'
import { Abs } from './abs.ts'
import { Min } from './min.ts'
import { Max } from './max.ts'
import { Floor } from './floor.ts'
import { Round } from './round.ts'
import { Exp } from './exp.ts'
import { Log } from './log.ts'
import { Tanh } from './tanh.ts'
import { Erf } from './erf.ts'
import { Sin } from './sin.ts'
import { Cos } from './cos.ts'
import { Pow } from './pow.ts'
import { Rem } from './rem.ts'
import { And } from './and.ts'
import { Or } from './or.ts'
import { Xor } from './xor.ts'
import { Shl } from './shl.ts'
import { Shr } from './shr.ts'
import { Sar } from './sar.ts'
import { Eq } from './eq.ts'
import { Lt } from './lt.ts'
import { Le } from './le.ts'
import { Where } from './where.ts'
import { F2I } from './f2i.ts'
import { I2F } from './i2f.ts'
import { Bits } from './bits.ts'
import { Unbits } from './unbits.ts'
import { MatMul } from './matmul.ts'
import { ReduceSum } from './reduceSum.ts'
import { ReduceMax } from './reduceMax.ts'
import { ScatterAdd } from './scatterAdd.ts'
import { Gather } from './gather.ts'
import { Move } from './move.ts'
import { Concat } from './concat.ts'
import { Iota } from './iota.ts'
import { Philox } from './philox.ts'

/** Every operator, by code. */
export const OPERATORS: readonly Operator[] = [
  Add,
  Sub,
  Mul,
  Div,
  Sqrt,
  Fma,
  Neg,
  Abs,
  Min,
  Max,
  Floor,
  Round,
  Exp,
  Log,
  Tanh,
  Erf,
  Sin,
  Cos,
  Pow,
  Rem,
  And,
  Or,
  Xor,
  Shl,
  Shr,
  Sar,
  Eq,
  Lt,
  Le,
  Where,
  F2I,
  I2F,
  Bits,
  Unbits,
  MatMul,
  ReduceSum,
  ReduceMax,
  ScatterAdd,
  Gather,
  Move,
  Concat,
  Iota,
  Philox,
]

const byName = new Map(OPERATORS.map((op) => [op.name, op]))
const byCode = new Map(OPERATORS.map((op) => [op.code, op]))

/** The operator with this name in the spec. Throws for a name that is none. */
export function operatorOf(name: string): Operator {
  const op = byName.get(name)
  if (op === undefined) throw new Error(`there is no operator called ${JSON.stringify(name)}`)
  return op
}

/** The operator with this code; undefined for a code that is none. */
export function operatorOfCode(code: number): Operator | undefined {
  return byCode.get(code)
}
