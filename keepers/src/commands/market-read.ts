import { formatShares } from '@lockstep/deployments/protocol'
import type { Command } from 'commander'
import { formatEther } from 'viem'
import { readContestWord, readOwners } from '../chain/contest-word.ts'
import {
  findMarket,
  priceHistory,
  readMarket,
  readMarketIds,
  readMarkets,
  readPosition,
  readRefunds,
  readStatuses,
} from '../chain/markets.ts'
import { readTimes } from '../chain/times.ts'
import { actorOf, type PricePoint } from '../delphi/replay.ts'
import { addCommand, type Done } from './command.ts'
import { openContracts, READING } from './open.ts'
import { describeMarket, marketLine, marketLines, percent, phaseOf } from './market-text.ts'

/** `lockstep market list` and `show`: they only read, and need no key. */
export function addMarketReading(market: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    market,
    {
      name: 'list',
      examples: ['lockstep market list', 'lockstep market list --all --json'],
      description: 'list markets that are not resolved, those that end first at the head',
      settings: [...READING, 'home', 'all'],
      run: async (values) => {
        const contracts = await openContracts(values)
        const { number, time } = await contracts.chain.head()
        const ids = await readMarketIds(contracts, number)
        const statuses = await readStatuses(contracts, ids, number)
        const wanted = statuses.filter(({ status }) => values.all || status === 'open')
        const markets = await readMarkets(
          contracts,
          wanted.map(({ id }) => id),
          number,
        )
        const volumes = new Map<bigint, bigint>()
        for (const { args } of await contracts.trades.events('Traded', {}, number)) {
          const paid = args.cost < 0n ? -args.cost : args.cost
          volumes.set(args.market, (volumes.get(args.market) ?? 0n) + paid)
        }
        const rank = { trading: 0, waiting: 1, settled: 2, void: 2 }
        const shown = markets
          .sort(
            (a, b) =>
              rank[phaseOf(a, time)] - rank[phaseOf(b, time)] ||
              a.terms.closesAt - b.terms.closesAt,
          )
          .map((one) => describeMarket(one, { time, volume: volumes.get(one.id) ?? 0n }))
        return {
          json: { block: number, time, markets: shown },
          lines: shown.length === 0 ? ['there is no market'] : shown.map(marketLine),
        }
      },
    },
    done,
    signal,
  )
  addCommand(
    market,
    {
      name: 'show <id>',
      examples: [
        'lockstep market show 0x3fa2c1 --account 0x7099…79C8',
        'lockstep market show 0x3fa2c1 --history --json',
      ],
      description:
        'show a market: prices, outcomes, what an account has (--account), what was traded',
      settings: [...READING, 'home', 'account', 'withHistory'],
      run: async (values, _, text) => {
        const contracts = await openContracts(values)
        const { number, time } = await contracts.chain.head()
        const id = await findMarket(contracts, text!, number)
        const one = await readMarket(contracts, id, number)
        const outcomes = one.quantities.length
        const { account } = values
        const [word, owners, points, refunds] = await Promise.all([
          readContestWord(contracts, one.terms),
          readOwners(contracts, one.terms, outcomes),
          priceHistory(contracts, one, number),
          readRefunds(contracts, [{ id, outcomes }], number),
        ])
        const position = account && (await readPosition(contracts, id, outcomes, account, number))
        const volume = volumeOf(points)
        const beside = {
          time,
          word,
          owners,
          volume,
          refunds: refunds.get(id)!,
          ...(position === undefined ? {} : { position }),
        }
        const shown = describeMarket(one, beside)
        if (!values.withHistory) return { json: shown, lines: marketLines(shown) }
        const times = await readTimes(
          contracts.chain,
          points.map(({ event }) => event),
        )
        const history = points.map((point, i) => describePoint(point, times[i]))
        return {
          json: { ...shown, history },
          lines: [...marketLines(shown), ...history.map(pointLine)],
        }
      },
    },
    done,
    signal,
  )
}

/** $AI wei that changed hands in trades. */
function volumeOf(points: readonly PricePoint[]): bigint {
  let volume = 0n
  for (const { event } of points) {
    if (event.eventName !== 'Traded') continue
    volume += event.args.cost < 0n ? -event.args.cost : event.args.cost
  }
  return volume
}

/** The prices behind one event as `--json` shows them. */
export function describePoint({ event, prices }: PricePoint, time: number) {
  return {
    block: event.blockNumber,
    time,
    transaction: event.transactionHash,
    by: actorOf(event),
    ...changeOf(event),
    prices: prices.map((price) => formatEther(price)),
  }
}

function changeOf(event: PricePoint['event']) {
  switch (event.eventName) {
    case 'Traded': {
      const { outcome, shares, cost, fee } = event.args
      const isSale = shares < 0n
      return {
        what: isSale ? 'sold' : 'bought',
        outcome: Number(outcome),
        shares: formatShares(isSale ? -shares : shares),
        amount: formatEther(isSale ? -cost : cost),
        fee: formatEther(fee),
      }
    }
    case 'OutcomeListed':
      return {
        what: 'listed',
        outcome: Number(event.args.outcome),
        amount: formatEther(event.args.cost),
      }
    case 'LiquidityAdded':
      return {
        what: 'added liquidity',
        liquidity: formatEther(event.args.b),
        amount: formatEther(event.args.cost),
      }
    case 'SetsMinted':
      return { what: 'made sets', shares: formatShares(event.args.sets) }
    case 'SetsBurned':
      return { what: 'took back sets', shares: formatShares(event.args.sets) }
  }
}

function pointLine(point: ReturnType<typeof describePoint>): string {
  const { what, time, prices } = point
  const of = 'outcome' in point ? ` outcome ${point.outcome}` : ''
  const shares = 'shares' in point ? ` ${point.shares} shares` : ''
  const amount = 'amount' in point ? ` for ${point.amount} $AI` : ''
  return `  ${new Date(time * 1000).toISOString()}  ${what}${shares}${of}${amount}  ${prices.map(percent).join('  ')}`
}
