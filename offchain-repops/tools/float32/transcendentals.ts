/**
 * Digests of the transcendental operators over operands of every exponent, for
 * test/repops/Transcendental.t.sol to compare its own with. Writes
 * test/repops/vectors/transcendental.json:
 *
 *   npx tsx offchain-repops/tools/float32/transcendentals.ts
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bitsOf, fromBits } from '../../src/numbers/bits.ts'
import { erf } from '../../src/numbers/erf.ts'
import { exp } from '../../src/numbers/exp.ts'
import { log } from '../../src/numbers/log.ts'
import { pow } from '../../src/numbers/pow.ts'
import { cos, sin } from '../../src/numbers/sincos.ts'
import { tanh } from '../../src/numbers/tanh.ts'
import { mix, special, withExponent } from './operands.ts'

const BATCH = 4096

/** Even indices: each sign and exponent in turn. Odd: those at which the functions bend. */
export function argument(index: number): number {
  const word = mix(index)
  const turn = index >>> 1
  const kind = mix(word) % 16
  const fraction = kind === 0 ? 0 : kind === 1 ? 0x7fffff : word & 0x7fffff
  if (index % 2 === 0) return ((turn % 512 << 23) | fraction) >>> 0
  return withExponent((word & 0x80000000) | fraction, 98 + (turn % 48))
}

/** Pairs whose power is mostly finite, and the special cases. */
export function pair(index: number): [number, number] {
  let a = mix(2 * index)
  let b = mix(2 * index + 1)
  const [x, y] = [mix(a), mix(b)]
  switch (index % 8) {
    case 0: // anything
      break
    case 1: // special values
      a = special(x)
      b = special(y)
      break
    case 2: // negative and special powers of one another
      a = withExponent(a, 120 + (x % 15))
      b = special(y)
      break
    case 3: // near one to a large power
      a = 0x3f800000 + (a % 0x10000) - 0x8000
      b = withExponent(b, 128 + (y % 14))
      break
    case 4: // an integer power
      a = withExponent(a, 120 + (x % 15))
      b = bitsOf((y % 41) - 20) >>> 0
      break
    case 5: // anything positive to a small power
      a = x % 0x7f800000
      b = withExponent(b, 116 + (y % 9))
      break
    case 6: // subnormal
      a &= 0x007fffff
      b = withExponent(b, 118 + (y % 10))
      break
    default: // everyday
      a = withExponent(a & 0x7fffffff, 122 + (x % 10))
      b = withExponent(b, 122 + (y % 10))
  }
  return [a, b]
}

const UNARY = { exp, log, tanh, erf, sin, cos }

/** Operators, and what they compute for an index, as bits. */
export const OPERATORS: Readonly<Record<string, (index: number) => number>> = {
  ...Object.fromEntries(
    Object.entries(UNARY).map(([name, f]) => [
      name,
      (index: number) => bitsOf(f(fromBits(argument(index)))),
    ]),
  ),
  pow(index) {
    const [a, b] = pair(index)
    return bitsOf(pow(fromBits(a), fromBits(b)))
  },
}

export function digest(compute: (index: number) => number, batch: number): string {
  let sum = 0n
  for (let k = 0; k < BATCH; k++) {
    const bits = BigInt(compute(batch * BATCH + k) >>> 0)
    sum = BigInt.asUintN(64, sum * 0x100000001b3n + bits)
  }
  return `0x${sum.toString(16).padStart(16, '0')}`
}

export const FILE = new URL('../../../test/repops/vectors/transcendental.json', import.meta.url)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const digests = Object.fromEntries(
    Object.entries(OPERATORS).map(([name, compute]) => [
      name,
      Array.from({ length: 8 }, (_, batch) => digest(compute, batch)),
    ]),
  )
  writeFileSync(FILE, `${JSON.stringify(digests, null, 2)}\n`)
}
