import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as exact from './exact.ts'
import { operands, type Operands } from './operands.ts'
import * as transcendentals from './transcendentals.ts'

const BATCH = 4096
const committed = JSON.parse(
  readFileSync(new URL('../../../test/repops/vectors/float32.json', import.meta.url), 'utf8'),
) as Record<string, string[]>

const OPERATORS: Readonly<Record<string, (o: Operands) => number>> = {
  fma: (o) => exact.fma(o.a, o.b, o.c),
  add: (o) => exact.add(o.p, o.c),
  sub: (o) => exact.sub(o.a, o.c),
  mul: (o) => exact.mul(o.a, o.b),
  div: (o) => exact.div(o.p, o.a),
  sqrt: (o) => exact.sqrt(o.p & 0x7fffffff),
  sqrtAny: (o) => exact.sqrt(o.a),
  neg: (o) => exact.neg(o.a),
  abs: (o) => exact.abs(o.a),
  min: (o) => exact.min(o.p, o.c),
  max: (o) => exact.max(o.p, o.c),
  compare: (o) =>
    exact.compare(o.p, o.c) |
    (exact.compare(o.p, (o.c ^ 0x80000000) >>> 0) << 3) |
    (exact.compare(o.a, o.b) << 6),
  floor: (o) => exact.floor(o.x),
  floorAny: (o) => exact.floor(o.c),
  roundEven: (o) => exact.roundEven(o.x),
  roundEvenAny: (o) => exact.roundEven(o.c),
  fromInt32: (o) => exact.fromInt32(o.i),
  toInt32: (o) => exact.toInt32((o.x ^ (o.i & 0x40000000)) >>> 0),
  scalb: (o) => exact.scalb(o.p, (o.i % 601) - 300),
}

function digest(compute: (o: Operands) => number, batch: number): string {
  let sum = 0n
  for (let k = 0; k < BATCH; k++) {
    sum = BigInt.asUintN(64, sum * 0x100000001b3n + BigInt(compute(operands(batch * BATCH + k))))
  }
  return `0x${sum.toString(16).padStart(16, '0')}`
}

// The hardware's digests, made once more from exact integers: two independent sources agree. Every
// fourth batch; all of them, a minute's work, with FLOAT32_ALL=1.
const stride = process.env.FLOAT32_ALL === '1' ? 1 : 4

describe('hardware digests equal exact ones', () => {
  for (const [name, compute] of Object.entries(OPERATORS)) {
    it(name, () => {
      const expected = committed[name]
      for (let batch = 0; batch < expected.length; batch += stride) {
        expect(`${batch} ${digest(compute, batch)}`).toBe(`${batch} ${expected[batch]}`)
      }
    })
  }
})

describe('committed digests of transcendentals are those of the reference', () => {
  const expected = JSON.parse(readFileSync(transcendentals.FILE, 'utf8')) as Record<
    string,
    string[]
  >
  for (const [name, compute] of Object.entries(transcendentals.OPERATORS)) {
    it(name, () => {
      expect(expected[name].map((_, batch) => transcendentals.digest(compute, batch))).toEqual(
        expected[name],
      )
    })
  }
})
