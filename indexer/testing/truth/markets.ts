import { delphiAbi } from '@lockstep/deployments'
import { MARKET_STATUSES } from '@lockstep/deployments/protocol'
import type { Objects, Row } from './answers.ts'
import { eventId, type Happened, type Story, sum } from './story.ts'

/** `marketOf` of Delphi. */
interface StoredMarket {
  readonly b: bigint
  readonly outcomes: number
  readonly feeBps: number
  readonly closesAt: number
  readonly status: number
  readonly isHalted: boolean
  readonly offset: number
  readonly sum: bigint
  readonly source: string
  readonly voidsAt: number
  readonly creatorBps: number
  readonly modelBps: number
  readonly protocolBps: number
  readonly contest: bigint
  readonly sets: bigint
  readonly creator: string
}

/** Units of shares in one, and lower bits of an id of shares; of liquidity all of these are set. */
const SHARE = 10n ** 9n
const OUTCOME_BITS = 16n
const LIQUIDITY = 0xffffn

/** Prices of all outcomes of a market after a block, or now, as Delphi says them. */
export const pricesAt = async (story: Story, market: bigint, block?: bigint): Promise<bigint[]> =>
  story.view(delphiAbi, story.network.contracts.delphi, 'pricesOf', [market], block)

/** Markets, outcomes and trades; `now` tells the time on the chain. */
export async function marketsOf(story: Story, now: () => number): Promise<Objects> {
  const { delphi, judge } = story.network.contracts
  const ask = async <T>(name: string, ...args: unknown[]) =>
    story.view<T>(delphiAbi, delphi, name, args)
  const traded = story.of('delphi', 'Traded')
  const settled = story.of('delphi', 'MarketSettled')
  const resolved = [...settled, ...story.of('delphi', 'MarketVoided')]
  const volumeOf = (trades: typeof traded): bigint =>
    sum(trades.map(({ args: { cost } }) => (cost < 0n ? -cost : cost)))
  const outcomes: Row[] = []

  const markets = story.of('delphi', 'MarketCreated').map(async ({ args, ...at }) => {
    const { market: id, terms, subsidy } = args
    const m = await ask<StoredMarket>('marketOf', id)
    const of = <T extends { readonly args: { readonly market: bigint } }>(events: readonly T[]) =>
      events.filter((one) => one.args.market === id)
    const trades = of(traded)
    const status = MARKET_STATUSES[m.status].toUpperCase()
    const word = of(settled).at(0)?.args.winners ?? 0n
    const winners = range(m.outcomes).filter((i) => (word >> BigInt(i)) & 1n)
    const prices = await pricesAt(story, id)
    for (const number of range(m.outcomes)) {
      const own = trades.filter((one) => one.args.outcome === BigInt(number))
      const { quantity } = await ask<{ quantity: bigint }>('outcomeOf', id, number)
      const price =
        status === 'OPEN' ? prices[number] : await ask<bigint>('payoutOf', id, number, SHARE)
      outcomes.push({
        ...{ id: `${id}-${number}`, market: id, number, quantity, price },
        entrant: m.source === low(judge) ? `${m.contest}-${number}` : null,
        ...{ volume: volumeOf(own), tradeCount: own.length, isWinner: winners.includes(number) },
        shareId: (id << OUTCOME_BITS) | BigInt(number),
        probability: Number(price) / 1e18,
      })
    }
    const holders = new Set(story.of('delphi', 'Transfer').map((one) => one.args.to))
    const liquidity = await Promise.all(
      Array.from(holders, (owner) => ask<bigint>('balanceOf', owner, liquidityId(id))),
    )
    const opened = of(story.of('perpetual', 'MarketOpened')).at(0)
    return {
      ...{ id, status, creator: m.creator, source: m.source, b: m.b, offset: m.offset, sum: m.sum },
      contest: m.source === low(judge) ? m.contest : null,
      ...{ outcomeCount: m.outcomes, isHalted: m.isHalted, closesAt: m.closesAt, subsidy },
      ...{ voidsAt: m.voidsAt, feeBps: m.feeBps, creatorBps: m.creatorBps, modelBps: m.modelBps },
      ...{ protocolBps: m.protocolBps, rules: terms.rules, metadata: terms.metadata, sets: m.sets },
      ...{ liquidityShares: sum(liquidity), tradeCount: trades.length, winners },
      ...{ volume: volumeOf(trades), fees: sum(trades.map((one) => one.args.fee)) },
      redeemed: sum(of(story.of('delphi', 'Redeemed')).map((one) => one.args.paid)),
      series: opened?.args.series ?? null,
      ...{ createdAt: at.timestamp, transaction: at.transaction },
      lastTradeAt: trades.at(-1)?.timestamp ?? null,
      resolvedAt: of(resolved).at(0)?.timestamp ?? null,
      isTrading: () => status === 'OPEN' && !m.isHalted && now() <= m.closesAt,
      secondsLeft: () => (status === 'OPEN' ? Math.max(0, m.closesAt - now()) : 0),
      prices: (given: History) => historyOf(story, id, at.timestamp, outcomes, now, given),
    }
  })

  const trades = traded.map(async (event) => {
    const { args, timestamp, block, transaction } = event
    const { market, trader, outcome, shares, cost, fee } = args
    const [before, after] = await Promise.all([
      pricesAt(story, market, block - 1n),
      pricesAt(story, market, block),
    ])
    const isBuy = shares > 0n
    return {
      ...{ id: eventId(event), market, outcome: `${market}-${outcome}`, trader, fee },
      ...{ side: isBuy ? 'BUY' : 'SELL', shares: isBuy ? shares : -shares },
      ...{ amount: isBuy ? cost : -cost, priceBefore: before[Number(outcome)] },
      ...{ priceAfter: after[Number(outcome)], block, timestamp, transaction },
    }
  })
  return { Market: await Promise.all(markets), Outcome: outcomes, Trade: await Promise.all(trades) }
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i)
const low = (address: string): string => address.toLowerCase()
export const liquidityId = (market: bigint): bigint => (market << OUTCOME_BITS) | LIQUIDITY

interface History {
  readonly from?: number
  readonly to?: number
  readonly points?: number
  readonly outcomes?: readonly number[]
}

/** Prices over time, each point asked of the contract as it was then. */
async function historyOf(
  story: Story,
  market: bigint,
  createdAt: number,
  all: readonly Row[],
  now: () => number,
  { from = createdAt, to = now(), points = 200, outcomes }: History,
): Promise<object> {
  const changes = story.events.filter(
    ({ contract, name, args }) =>
      contract === 'delphi' &&
      (args as { market?: bigint }).market === market &&
      ['MarketCreated', 'OutcomeListed', 'LiquidityAdded', 'Traded'].includes(name),
  )
  const shown = new Set<bigint>()
  for (const part of range(points + 1)) {
    const until = from - 1 + Math.floor(((to - from + 1) * part) / points)
    const last = changes.findLast(({ timestamp }) => timestamp <= until)
    if (last !== undefined) shown.add(last.block)
  }
  const numbers =
    outcomes ??
    all
      .filter((one) => one.market === market)
      .sort((a, b) => Number((b.quantity as bigint) - (a.quantity as bigint)))
      .slice(0, 8)
      .map(({ number }) => number as number)
  const told = Array.from(shown, async (block) => {
    const prices = await pricesAt(story, market, block)
    const { timestamp } = changes.find((one) => one.block === block)!
    return {
      ...{ timestamp: Math.max(timestamp, from), block },
      prices: numbers.map((number) => prices.at(number) ?? null),
    }
  })
  return { outcomes: numbers, points: await Promise.all(told) }
}

/** Positions and liquidity, by adding up what was told of each owner. */
export async function positionsOf(story: Story, { Outcome }: Objects): Promise<Objects> {
  const { delphi, perpetual } = story.network.contracts
  const balance = async (owner: string, id: bigint) =>
    story.view<bigint>(delphiAbi, delphi, 'balanceOf', [owner, id])
  const held = new Map<string, Held>()
  const put = (share: bigint, owner: string, { timestamp }: Happened, sums: Sums): void => {
    if (BigInt(owner) === 0n) return
    const key = `${share}-${owner}`
    const before = held.get(key) ?? { share, owner, ...NOTHING, updatedAt: 0 }
    const added = Object.entries(sums).map(([name, more]) => [
      name,
      before[name as keyof Sums] + more,
    ])
    held.set(key, { ...before, ...Object.fromEntries(added), updatedAt: timestamp } as Held)
  }
  const shareOf = (market: bigint, outcome: bigint): bigint => (market << OUTCOME_BITS) | outcome
  for (const event of story.events.filter(({ contract }) => contract === 'delphi')) {
    const args = event.args as Readonly<Record<string, bigint>> &
      Readonly<Record<'owner' | 'from' | 'to' | 'trader' | 'provider' | 'creator', string>>
    const { market, outcome } = args
    switch (event.name) {
      case 'MarketCreated':
        put(liquidityId(market), args.creator, event, { paid: args.subsidy })
        break
      case 'Transfer':
        for (const owner of [args.from, args.to]) {
          if (args.amount !== 0n) put(args.id, owner, event, {})
        }
        break
      case 'Traded':
        put(
          shareOf(market, outcome),
          args.trader,
          event,
          args.shares > 0n
            ? { bought: args.shares, paid: args.cost }
            : { sold: -args.shares, received: -args.cost },
        )
        break
      case 'SetsMinted':
      case 'SetsBurned':
        // Each outcome at its price, which no set changes.
        for (const [i, price] of (await pricesAt(story, market, event.block - 1n)).entries()) {
          const worth = (args.sets * price) / SHARE
          const sums = event.name === 'SetsMinted' ? { paid: worth } : { received: worth }
          put(shareOf(market, BigInt(i)), args.owner, event, sums)
        }
        break
      case 'LiquidityAdded': {
        // It came with shares of outcomes, which cost what they were worth then; liquidity cost what remains.
        const prices = await pricesAt(story, market, event.block)
        const came = story
          .of('delphi', 'Transfer')
          .filter(
            ({ transaction, args: { id, amount } }) =>
              transaction === event.transaction &&
              id >> OUTCOME_BITS === market &&
              id !== liquidityId(market) &&
              amount > 0n,
          )
        const worth = came.map(
          ({ args: { id, amount } }) => (amount * prices[Number(id & LIQUIDITY)]) / SHARE,
        )
        for (const [
          i,
          {
            args: { id },
          },
        ] of came.entries()) {
          put(id, args.provider, event, { paid: worth[i] })
        }
        put(liquidityId(market), args.provider, event, { paid: args.cost - sum(worth) })
        break
      }
      case 'Redeemed':
        put(shareOf(market, outcome), args.owner, event, { redeemed: args.paid })
        break
      case 'LiquidityRedeemed':
        put(liquidityId(market), args.owner, event, { redeemed: args.paid })
    }
  }
  // What the contract did for an owner is the owner's.
  for (const { args, ...event } of story.of('perpetual', 'PositionRolled')) {
    const { from, to, owner, paid, shares, cost } = args
    const [happened, through] = [{ ...event, args }, low(perpetual)]
    put(from, owner, happened, { redeemed: paid })
    put(from, through, happened, { redeemed: -paid })
    put(to, owner, happened, { bought: shares, paid: cost })
    put(to, through, happened, { bought: -shares, paid: -cost })
  }

  const [liquidity, positions]: [Row[], Row[]] = [[], []]
  for (const { share, owner, paid, redeemed, updatedAt, ...traded } of held.values()) {
    const market = share >> OUTCOME_BITS
    const number = share & LIQUIDITY
    const shares = await balance(owner, share)
    if (number === LIQUIDITY) {
      liquidity.push({ id: `${market}-${owner}`, market, owner, shares, paid, redeemed, updatedAt })
      continue
    }
    const outcome = Outcome.find(({ id }) => id === `${market}-${number}`)!
    const value = (shares * (outcome.price as bigint)) / SHARE
    positions.push({
      ...{ id: `${outcome.id}-${owner}`, market, outcome: outcome.id, owner, shares, ...traded },
      ...{ paid, redeemed, updatedAt, value, profit: traded.received + redeemed + value - paid },
    })
  }
  return { Position: positions, LiquidityPosition: liquidity }
}

const NOTHING = { bought: 0n, sold: 0n, paid: 0n, received: 0n, redeemed: 0n }
type Sums = Partial<typeof NOTHING>
type Held = typeof NOTHING & {
  readonly share: bigint
  readonly owner: string
  readonly updatedAt: number
}
