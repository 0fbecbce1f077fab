import { Book } from '../book.ts'
import * as lmsr from '../lmsr.ts'
import { expWad, lnWad, WAD } from '../wad.ts'
import { Random } from './random.ts'
import { nothingSeen, walk } from './walk.ts'

const WALKS = 64
const KINDS = [
  'open',
  'buy',
  'sell',
  'admit',
  'join',
  'mint',
  'buyFor',
  'sellFor',
  'price',
  'curve',
] as const

/** The last exponent with the result zero, and the last that fits. */
const EXP_FIRST = -41_446_531_673_892_822_313n
const EXP_LAST = 135_305_999_368_893_231_588n

let rows: string[] = []

/** A book that writes down what it is asked and what it answers. */
class Witness extends Book {
  constructor(b: bigint, outcomes: number) {
    super(b, outcomes)
    this.#write('open', outcomes, b, this.pot)
  }

  override buy(outcome: number, shares: bigint): bigint {
    return this.#write('buy', outcome, shares, super.buy(outcome, shares))
  }

  override sell(outcome: number, shares: bigint): bigint {
    return this.#write('sell', outcome, shares, super.sell(outcome, shares))
  }

  override admit(): bigint {
    return this.#write('admit', 0, 0n, super.admit())
  }

  override join(b: bigint): { shares: bigint[]; cost: bigint } {
    const result = super.join(b)
    this.#write('join', 0, b, result.cost)
    return result
  }

  override mint(sets: bigint): void {
    super.mint(sets)
    this.#write('mint', 0, sets, this.pot)
  }

  override buyFor(outcome: number, budget: bigint): bigint {
    return this.#write('buyFor', outcome, budget, super.buyFor(outcome, budget))
  }

  override sellFor(outcome: number, amount: bigint): bigint | undefined {
    const shares = super.sellFor(outcome, amount)
    this.#write('sellFor', outcome, amount, shares ?? -1n)
    return shares
  }

  close(): void {
    for (const outcome of [0, this.quantities.length - 1]) {
      this.#write('price', outcome, 0n, lmsr.price(this.curve, this.quantities[outcome]))
    }
    this.#write('curve', 0, this.curve.offset, this.curve.sum)
  }

  #write(kind: (typeof KINDS)[number], outcome: number, input: bigint, output: bigint): bigint {
    rows.push(line([KINDS.indexOf(kind), outcome, input, output]))
    return output
  }
}

/** What test/delphi/vectors/lmsr.json holds: the walks of the first seeds row by row, and the primitives. */
export function vectors(): string {
  rows = []
  for (let seed = 0; seed < WALKS; ++seed) walk(seed, nothingSeen(), Witness).close()

  const random = new Random(0)
  const exponents = [EXP_FIRST, EXP_LAST - 1n, 0n, 12n * WAD, 32n * WAD, 52n * WAD].flatMap((x) => [
    x,
    x + 1n,
  ])
  const sums = [1n, 2n, WAD - 1n, WAD, WAD + 1n, 2n ** 255n - 1n]
  for (let i = 0; i < 500; ++i) {
    exponents.push(EXP_FIRST + random.upTo(EXP_LAST - EXP_FIRST))
    sums.push(random.magnitude(2n ** 200n))
  }
  return `{"kinds": ${JSON.stringify(KINDS)},
"rows": ${list(rows)},
"expWad": ${list(exponents.map((x) => line([x, expWad(x)])))},
"lnWad": ${list(sums.map((x) => line([x, lnWad(x)])))}}
`
}

const line = (values: (number | bigint)[]): string => values.map((value) => `"${value}"`).join(',')

const list = (lines: string[]): string => `[\n${lines.join(',\n')}\n]`
