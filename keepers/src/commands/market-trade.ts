import {
  formatShares,
  type Quote,
  quoteLiquidity,
  withSlippage,
} from '@lockstep/deployments/protocol'
import type { Command } from 'commander'
import { formatEther, parseEther } from 'viem'
import { findMarket, type Market, marketName, readMarket } from '../chain/markets.ts'
import {
  addLiquidity,
  buy,
  buyFor,
  checkNotRepeated,
  type EarlierMove,
  headSince,
  movesOf,
  sell,
  type Trade,
  type Trader,
} from '../chain/trading.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { createCommandLog, type Log } from '../log.ts'
import { addCommand, addGroup, type Done, type Result } from './command.ts'
import {
  AMOUNTS,
  checkShares,
  checkTrading,
  findOutcome,
  quoteOf,
  speaking,
} from './market-order.ts'
import { percent } from './market-text.ts'
import { openChain, openContracts, READING, SENDING } from './open.ts'

export const TRADING = [
  ...READING,
  ...SENDING,
  'home',
  'slippage',
  'deadlineSeconds',
] as const satisfies SettingName[]

/** `lockstep market quote`, `buy`, `sell` and `liquidity add`. */
export function addMarketTrading(market: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    market,
    {
      name: 'quote <id>',
      examples: [
        'lockstep market quote 0x3fa2c1 --outcome 1 --shares 40',
        'lockstep market quote 0x3fa2c1 --outcome 1 --budget 25 --sell',
      ],
      description:
        'say what a trade would cost or bring, and what it does to the price; sends nothing',
      settings: [...READING, 'home', ...AMOUNTS, 'sell'],
      run: async (values, _, text) => {
        const contracts = await openContracts(values)
        const { number, time } = await contracts.chain.head()
        const id = await findMarket(contracts, text!, number)
        const one = await readMarket(contracts, id, number)
        checkTrading(one, time, values.sell)
        const outcome = await findOutcome({ contracts }, one, values.outcome)
        const quote = quoteOf(one, outcome, values, values.sell ? 'sell' : 'buy')
        return {
          json: { market: marketName(id), ...describeQuote(quote) },
          lines: quoteLines(quote),
        }
      },
    },
    done,
    signal,
  )
  addCommand(
    market,
    {
      name: 'buy <id>',
      examples: ['lockstep market buy 0x3fa2c1 --outcome 1 --budget 25 --slippage 50'],
      description: 'buy shares of an outcome, so many (--shares) or for so much (--budget)',
      settings: [...TRADING, ...AMOUNTS],
      run: (values, _, text) =>
        withTrader(values, text!, async (trader, one, time) => {
          checkTrading(one, time, false)
          const outcome = await findOutcome(trader, one, values.outcome)
          checkNotTraded(trader, one, outcome, ['buy', 'buyFor'])
          const quote = quoteOf(one, outcome, values, 'buy')
          const patience = patienceOf(values)
          const trade =
            values.budget === undefined
              ? await buy(trader, one.id, quote, patience)
              : await buyFor(trader, one.id, quote, parseEther(values.budget), patience)
          return describeTrade(one, quote, trade)
        }),
    },
    done,
    signal,
  )
  addCommand(
    market,
    {
      name: 'sell <id>',
      examples: ['lockstep market sell 0x3fa2c1 --outcome 1 --shares 10'],
      description: 'sell shares of an outcome, so many (--shares) or as bring so much (--budget)',
      settings: [...TRADING, ...AMOUNTS],
      run: (values, _, text) =>
        withTrader(values, text!, async (trader, one, time) => {
          checkTrading(one, time, true)
          const outcome = await findOutcome(trader, one, values.outcome)
          checkNotTraded(trader, one, outcome, ['sell'])
          const quote = quoteOf(one, outcome, values, 'sell')
          await checkShares(trader, one, quote)
          return describeTrade(one, quote, await sell(trader, one.id, quote, patienceOf(values)))
        }),
    },
    done,
    signal,
  )
  const liquidity = addGroup(market, 'liquidity', 'provide liquidity to markets', done)
  addCommand(
    liquidity,
    {
      name: 'quote <id>',
      examples: ['lockstep market liquidity quote 0x3fa2c1 --liquidity 250'],
      description:
        'say what raising b to --liquidity would cost, and which outcome shares come with it; sends nothing',
      settings: [...READING, 'home', 'liquidity', 'slippage'],
      run: async (values, _, text) => {
        const contracts = await openContracts(values)
        const { number, time } = await contracts.chain.head()
        const one = await readMarket(contracts, await findMarket(contracts, text!, number), number)
        checkTrading(one, time, false)
        const b = parseEther(neededLiquidity(values))
        const { cost, shares } = speaking(() => quoteLiquidity(one, b))
        const json = {
          market: marketName(one.id),
          liquidity: formatEther(b),
          cost: formatEther(cost),
          atMost: formatEther(withSlippage(cost, values.slippage)),
          outcomeShares: shares.map(formatShares),
        }
        return {
          json,
          lines: [
            `raising b from ${formatEther(one.curve.b)} to ${json.liquidity} $AI costs ${json.cost} $AI (${json.atMost} at most with --slippage ${values.slippage})`,
            outcomeSharesLine(shares),
          ],
        }
      },
    },
    done,
    signal,
  )
  addCommand(
    liquidity,
    {
      name: 'add <id>',
      examples: ['lockstep market liquidity add 0x3fa2c1 --liquidity 250   # b, after'],
      description:
        "raise a market's b to --liquidity; what it earns and risks is shared in proportion",
      settings: [...TRADING, 'liquidity'],
      run: (values, _, text) =>
        withTrader(values, text!, async (trader, one, time) => {
          checkTrading(one, time, false)
          const b = parseEther(neededLiquidity(values))
          const quote = speaking(() => quoteLiquidity(one, b))
          const maxCost = withSlippage(quote.cost, values.slippage)
          const patience = patienceOf(values)
          const { cost, shares, transaction } = await addLiquidity(
            trader,
            one.id,
            b,
            maxCost,
            patience,
          )
          const json = {
            market: marketName(one.id),
            liquidity: formatEther(b),
            cost: formatEther(cost),
            liquidityShares: formatEther(shares),
            outcomeShares: quote.shares.map(formatShares),
            transaction,
          }
          return {
            json,
            lines: [
              `market ${json.market.slice(0, 12)}: b is ${json.liquidity} $AI, for ${json.cost} $AI; ${json.liquidityShares} liquidity shares`,
              outcomeSharesLine(quote.shares),
            ],
          }
        }),
    },
    done,
    signal,
  )
}

/** Prices must not move, so whoever joins is given shares of the dearer outcomes. */
function outcomeSharesLine(shares: readonly bigint[]): string {
  const given = [...shares.keys()].filter((outcome) => shares[outcome] > 0n)
  const list = given.map((outcome) => `${formatShares(shares[outcome])} of outcome ${outcome}`)
  return `with it come shares: ${list.length === 0 ? 'none, all prices are equal' : list.join(', ')}`
}

/** What was recovered of earlier runs. */
interface Earlier {
  readonly earlier: readonly EarlierMove[]
}

/** Refuses a trade that an earlier run had begun: of the same market, outcome and side. */
function checkNotTraded(
  { earlier }: Earlier,
  market: Market,
  outcome: number,
  names: readonly string[],
): void {
  checkNotRepeated(
    earlier,
    ({ name, args }) =>
      names.includes(name) && args[0] === market.id && args[1] === BigInt(outcome),
  )
}

/** Runs `move` with who trades, and the market it names as it stands now. */
export async function withTrader(
  values: Values<(typeof TRADING)[number]>,
  text: string,
  move: (trader: Trader & Earlier, market: Market, time: bigint, log: Log) => Promise<Result>,
): Promise<Result> {
  const log = createCommandLog(values.logLevel)
  const { contracts, sender, account, close } = await openChain(values, log)
  try {
    const earlier = movesOf(contracts, await sender.recover())
    const { number, time } = await headSince({ contracts, sender })
    const id = await findMarket(contracts, text, number)
    const market = await readMarket(contracts, id, number)
    return await move({ contracts, sender, account, earlier }, market, time, log)
  } finally {
    close()
  }
}

export const patienceOf = (values: Values<'slippage' | 'deadlineSeconds'>) => ({
  slippageBps: values.slippage,
  deadlineSeconds: values.deadlineSeconds,
})

function neededLiquidity({ liquidity }: Values<'liquidity'>): string {
  if (liquidity !== undefined) return liquidity
  throw fail.badSetting({
    what: 'there is no value for liquidity',
    where: 'flag --liquidity <$AI>',
    advice: "give the market's new b",
  })
}

function describeQuote(quote: Quote) {
  const { side, outcome, shares, amount, fee, priceBefore, priceAfter, slippageBps } = quote
  return {
    side,
    outcome,
    shares: formatShares(shares),
    [side === 'buy' ? 'cost' : 'proceeds']: formatEther(amount),
    fee: formatEther(fee),
    priceBefore: formatEther(priceBefore),
    priceAfter: formatEther(priceAfter),
    averagePrice: formatEther(shares === 0n ? 0n : (amount * 10n ** 9n) / shares),
    slippageBps: Number.isFinite(slippageBps) ? slippageBps : null,
  }
}

function quoteLines(quote: Quote): string[] {
  const { side, outcome, shares, amount, fee, priceBefore, priceAfter, slippageBps } = quote
  const is = side === 'buy' ? 'cost' : 'bring'
  const worse = Number.isFinite(slippageBps)
    ? `${slippageBps.toFixed(2)} basis points worse than before on average, without the fee`
    : 'too near to 0 before for a comparison'
  return [
    `${formatShares(shares)} shares of outcome ${outcome} ${is} ${formatEther(amount)} $AI, ${formatEther(fee)} of it fee`,
    `  price ${percent(formatEther(priceBefore))} before, ${percent(formatEther(priceAfter))} after; ${worse}`,
  ]
}

function describeTrade(market: Market, quote: Quote, trade: Trade): Result {
  const { side, outcome } = quote
  const { shares, amount, fee, transaction } = trade
  const json = {
    market: marketName(market.id),
    side,
    outcome,
    shares: formatShares(shares),
    [side === 'buy' ? 'cost' : 'proceeds']: formatEther(amount),
    fee: formatEther(fee),
    quoted: formatEther(quote.amount),
    priceBefore: formatEther(quote.priceBefore),
    transaction,
  }
  const did = side === 'buy' ? 'bought' : 'sold'
  return {
    json,
    lines: [
      `${did} ${json.shares} shares of outcome ${outcome} for ${formatEther(amount)} $AI, ${json.fee} of it fee`,
    ],
  }
}
