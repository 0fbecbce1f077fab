import { Book, lmsr } from '@lockstep/deployments/protocol'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { draftListing, whyNotListed } from './draftListing.ts'
import type { ChainMarket } from './readMarket.ts'

const AI = 10n ** 18n
const SHARE = 10n ** 9n
const SETTINGS = { slippageBps: 100, deadlineMinutes: 10 }

/** The market that a book keeps, and an account with so much. */
const marketOf = ({ curve, quantities, sets }: Book, balance = 1000n * AI): ChainMarket =>
  ({
    ...{ status: 'open', isHalted: false, time: 1, closesAt: 2, curve, quantities, sets },
    own: { balance, ether: AI },
  }) as unknown as ChainMarket

/** What the contract charged, row by row: the file that it is tested with (test/delphi/LMSRVectors.t.sol). */
interface Vectors {
  readonly kinds: readonly string[]
  readonly rows: readonly string[]
}
const VECTORS = new URL('../../../test/delphi/vectors/lmsr.json', import.meta.url)

test('a listing costs what the contract charges, to the wei', () => {
  const { kinds, rows } = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors
  let book = new Book(AI, 2)
  let listings = 0
  for (let i = 0; i < rows.length; i += 4) {
    const [kind, outcome] = [kinds[Number(rows[i])], Number(rows[i + 1])]
    const [input, output] = [BigInt(rows[i + 2]), BigInt(rows[i + 3])]
    if (kind === 'open') book = new Book(input, outcome)
    else if (kind === 'buy') book.buy(outcome, input)
    else if (kind === 'sell') book.sell(outcome, input)
    else if (kind === 'join') book.join(input)
    else if (kind === 'mint') book.mint(input)
    else if (kind === 'admit') {
      const listed = book.quantities.length
      const order = draftListing(marketOf(book, 10n ** 40n), BigInt(listed) + 1n, SETTINGS)
      expect(order).toMatchObject({ outcome: listed, cost: output })
      expect(book.admit()).toBe(output)
      listings++
    }
  }
  expect(listings).toBeGreaterThan(20)
})

test('what pays a listing is taken, though not its whole slippage', () => {
  const book = new Book(100n * AI, 3)
  book.buy(0, 40n * SHARE)
  const drafted = (balance: bigint) => draftListing(marketOf(book, balance), 4n, SETTINGS)
  const cost = new Book(100n * AI, 3).admit() // b ln(4/3), and less where somebody leads
  const rich = drafted(1000n * AI)
  if (typeof rich !== 'object') throw new Error(rich)
  expect(rich.cost).toBeLessThan(cost)
  expect(rich.maxCost).toBe((rich.cost * 101n + 99n) / 100n)
  expect(drafted(rich.cost)).toEqual({ ...rich, maxCost: rich.cost })
  // What does not pay it is told with all that it may take.
  expect(drafted(rich.cost - 1n)).toEqual(rich)
})

test('nothing is listed where the contract would refuse it', () => {
  const market = marketOf(new Book(100n * AI, 3))
  expect(whyNotListed(market, 4n)).toBeUndefined()
  for (const [of, entrants, problem] of [
    [market, 3n, 'All entrants of the contest are outcomes.'],
    [market, 0n, 'All entrants of the contest are outcomes.'],
    [{ ...market, isHalted: true }, 4n, /^Governance has halted this market/],
    [{ ...market, time: market.closesAt + 1 }, 4n, /^Trading has ended/],
    [{ ...market, status: 'settled' as const }, 4n, /^Trading has ended/],
  ] as const)
    expect(draftListing(of, entrants, SETTINGS)).toMatch(problem)
  expect(whyNotListed({ ...market, time: market.closesAt }, 4n)).toBeUndefined()
})

test('a market has 256 outcomes at most, however many enter', () => {
  const many = 2n ** 256n - 1n
  const last = marketOf(new Book(AI, lmsr.MAX_OUTCOMES - 1))
  expect(draftListing(last, many, SETTINGS)).toMatchObject({ outcome: 255 })
  const full = marketOf(new Book(AI, lmsr.MAX_OUTCOMES))
  expect(draftListing(full, many, SETTINGS)).toBe(
    'The market has 256 outcomes, and can have no more.',
  )
})
