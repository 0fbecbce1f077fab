import { lmsr } from '@lockstep/deployments/protocol'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { zeroAddress } from 'viem'
import { expect, test } from 'vitest'
import { type Draft, parseTyped, quoteDraft } from './draft.ts'
import { exact, SHARES } from '../format/number.ts'
import { draftLiquidity } from './draftLiquidity.ts'
import { draftSets, setsBack, setsOf } from './draftSets.ts'
import { QuoteFacts } from './QuoteFacts.tsx'
import type { ChainMarket, Own } from './readMarket.ts'

const AI = 10n ** 18n
const SHARE = 10n ** 9n
const B = 100n * AI

/** A market of two outcomes with so many shares out, and an account that has so much. */
function marketOf(quantities: readonly bigint[], own?: Partial<Own>): ChainMarket {
  const market = {
    ...{
      block: 1n,
      time: 1,
      status: 'open',
      isHalted: false,
      closesAt: 2,
      voidsAt: 3,
      feeBps: 100,
    },
    ...{ creatorBps: 4000, modelBps: 2000, protocolBps: 1000, pot: 100n * AI, sets: 0n },
    ...{ feesPaid: 0n, boughtIn: 0n, liquidityShares: B, source: zeroAddress, contest: 1n },
    ...{ curve: lmsr.gather(B, quantities), quantities },
    own: own && {
      ...{ address: `0x${'51'.repeat(20)}`, shares: quantities, payouts: [], allowance: 0n },
      ...{ liquidity: 0n, liquidityPayout: 0n, balance: 0n, ether: AI, ...own },
    },
  } satisfies Record<keyof ChainMarket, unknown>
  return market as ChainMarket
}
const draft = (over: Partial<Draft>): Draft => ({
  ...{ side: 'buy', by: 'shares', outcome: 0, text: '10', ...over },
})
const SETTINGS = { slippageBps: 100, deadlineMinutes: 10 }

/** Prices are multiples of 1e-18 $AI: 45 b below the leader is 0. */
const worthless = marketOf([SHARE, 4500n * SHARE], { balance: 1000n * AI })

test('a price that rounds to 0 has no slippage in percent, and the page says so', () => {
  const { order } = quoteDraft(worthless, draft({ text: '1' }), SETTINGS)
  expect(order?.quote.priceBefore).toBe(0n)
  expect(order?.quote.slippageBps).toBe(Infinity)
  const shown = renderToStaticMarkup(createElement(QuoteFacts, { side: 'buy', order }))
  expect(shown).toContain('no figure: the price now is nearly 0')
})

test('nothing is sent without a limit', () => {
  const selling = quoteDraft(worthless, draft({ side: 'sell', text: '1' }), SETTINGS)
  expect(selling).toEqual({ problem: 'These shares bring too little now to set a limit.' })
  const even = marketOf([0n, 0n])
  // One share of the smallest for it: 1 % less is none.
  const buying = quoteDraft(even, draft({ by: 'amount', text: '0.0000000006' }), SETTINGS)
  expect(buying).toEqual({ problem: 'That pays for too little of a share to set a limit.' })
  for (const side of ['buy', 'sell'] as const)
    for (const by of ['amount', 'shares'] as const) {
      const held = marketOf([50n * SHARE, 0n], { balance: 1000n * AI })
      expect(
        quoteDraft(held, draft({ side, by, text: '5' }), SETTINGS).order?.limit,
      ).toBeGreaterThan(0n)
    }
})

test('what pays a quote is taken, though not its whole slippage', () => {
  const rich = quoteDraft(marketOf([0n, 0n], { balance: 1000n * AI }), draft({}), SETTINGS)
  const { amount } = rich.order!.quote
  expect(rich.order?.takes).toBe((amount * 101n + 99n) / 100n)
  const just = quoteDraft(marketOf([0n, 0n], { balance: amount }), draft({}), SETTINGS)
  expect(just.order).toMatchObject({ takes: amount, limit: amount })
  // What does not pay it is told with all that it may take.
  const poor = quoteDraft(marketOf([0n, 0n], { balance: amount - 1n }), draft({}), SETTINGS)
  expect(poor.order?.takes).toBe(rich.order?.takes)

  const more = draftLiquidity(marketOf([0n, 0n], { balance: 1000n * AI }), '10', SETTINGS)
  if (typeof more !== 'object') throw new Error(more)
  const { cost } = more.quote
  const all = draftLiquidity(marketOf([0n, 0n], { balance: cost }), '10', SETTINGS)
  expect(all).toMatchObject({ maxCost: cost })
  expect(more.maxCost).toBeGreaterThan(cost)
})

test.each([
  ['1000', 1000_000n],
  ['1000.5', 1000_500n],
  ['1,5', 1500n],
  ['0,125', 125n],
  ['.5', 500n],
  ['1,000', 'Write 1000 if that is meant, or the decimals behind a point.'],
  ['12,345,678.9', 'Write 12345678.9 if that is meant, or the decimals behind a point.'],
  ['1,00,000', 'That is no number.'],
  ['1.0000', 'At most 3 decimals are possible.'],
  ['', undefined],
])('%s is typed', (text, read) => {
  expect(parseTyped(text, 3)).toBe(read)
})

test('sets are given back as far as both the account and the market have them, and made as far as the curve holds', () => {
  const shares = [7n * SHARE, 9n * SHARE]
  const sets = 4n * SHARE
  const market = { ...marketOf([3n * SHARE, 5n * SHARE], { shares, balance: 0n }), sets }
  expect(setsOf(market)).toBe(7n * SHARE)
  expect(draftSets(market, 'burnSets', '4')).toEqual({
    ...{ functionName: 'burnSets', sets, amount: 4n * AI },
  })
  expect(draftSets(market, 'burnSets', '4.000000001')).toMatch(/^Only 4 sets were made/)
  expect(draftSets(market, 'burnSets', '7.5')).toBe('You have 7 complete sets, not 7.5.')
  const most = lmsr.limit(B) - sets
  const text = (of: bigint): string => exact(of, SHARES).replaceAll(/\s/g, '')
  expect(draftSets(market, 'mintSets', text(most))).toMatchObject({ sets: most })
  expect(draftSets(market, 'mintSets', text(most + 1n))).toBe(
    'That is more than the market’s curve can hold.',
  )
  expect(draftSets(market, 'mintSets', '0')).toBeUndefined()
})

test('what was bought of every outcome is not given back, and no sale is advised where trading has ended', () => {
  const shares = [3n * SHARE, 3n * SHARE]
  const market = marketOf(shares, { shares, balance: 0n })
  expect(setsOf(market)).toBe(3n * SHARE)
  expect(setsBack(market)).toBe(0n)
  expect(setsBack({ ...market, sets: 2n * SHARE })).toBe(2n * SHARE)
  expect(setsBack({ ...market, sets: 4n * SHARE })).toBe(3n * SHARE)
  expect(setsBack({ ...market, own: undefined })).toBeUndefined()
  expect(draftSets(market, 'burnSets', '1')).toMatch(/; sell the other shares instead\.$/)
  const closed = { ...market, time: market.closesAt + 1 }
  expect(draftSets(closed, 'burnSets', '1')).toBe(
    'Only 0 sets were made and not given back; the other shares are redeemed when the market is resolved.',
  )
})
