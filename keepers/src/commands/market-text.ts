import { formatShares, pricesOf } from '@lockstep/deployments/protocol'
import { type Address, formatEther } from 'viem'
import { type ContestWord } from '../chain/contest-word.ts'
import { type Market, marketName, type Position } from '../chain/markets.ts'
import { span } from '../text.ts'

/** Where a market stands for those who look at it: waiting is after the last trade and before it is resolved. */
export type Phase = 'trading' | 'waiting' | 'settled' | 'void'

export function phaseOf({ status, terms }: Pick<Market, 'status' | 'terms'>, time: bigint): Phase {
  if (status === 'settled' || status === 'void') return status
  return time <= BigInt(terms.closesAt) ? 'trading' : 'waiting'
}

/** What else is known of a market. */
export interface Beside {
  readonly time: bigint
  readonly owners?: readonly (Address | undefined)[]
  readonly word?: ContestWord
  readonly position?: Position
  /** What a share of each outcome would be refunded if it were void, 1e-18 $AI. */
  readonly refunds?: readonly bigint[]
  /** $AI wei that changed hands in trades, fees included. */
  readonly volume?: bigint
}

/** A market as `--json` shows it: amounts in $AI and shares as decimals, times unix seconds. */
export function describeMarket(market: Market, beside: Beside) {
  const { terms, curve } = market
  const { time, owners, word, position, volume, refunds } = beside
  const prices = pricesOf(market)
  const phase = phaseOf(market, time)
  return {
    market: marketName(market.id),
    phase,
    isHalted: market.isHalted,
    creator: market.creator,
    source: terms.source,
    contest: `0x${terms.contest.toString(16).padStart(64, '0')}`,
    ...(word === undefined ? {} : { contestSays: word.verdict ?? 'nothing' }),
    liquidity: formatEther(curve.b),
    feeBps: market.feeBps,
    creatorBps: terms.creatorBps,
    modelBps: terms.modelBps,
    protocolBps: market.protocolBps,
    opensAt: market.opensAt,
    closesAt: terms.closesAt,
    voidsAt: terms.voidsAt,
    secondsLeft: phase === 'trading' ? terms.closesAt - Number(time) : 0,
    rules: terms.rules,
    metadata: terms.metadata,
    pot: formatEther(market.pot),
    sets: formatShares(market.sets),
    ...(volume === undefined ? {} : { volume: formatEther(volume) }),
    winners: market.winners,
    ...(word?.entrants === undefined
      ? {}
      : { unlisted: Math.max(0, word.entrants - prices.length) }),
    outcomes: prices.map((price, outcome) => ({
      outcome,
      ...(owners === undefined ? {} : { owner: owners[outcome] ?? null }),
      price: formatEther(price),
      ...(refunds === undefined ? {} : { refundIfVoid: formatEther(refunds[outcome]) }),
      shares: formatShares(market.quantities[outcome] + market.sets),
      ...(position === undefined ? {} : { own: formatShares(position.shares[outcome]) }),
    })),
    ...(position === undefined ? {} : { ownLiquidity: formatEther(position.liquidity) }),
  }
}

type Description = ReturnType<typeof describeMarket>

const SHOWN_OUTCOMES = 4

/** One line of a list. */
export function marketLine(market: Description): string {
  const dearest = [...market.outcomes]
    .sort((a, b) => Number(b.price) - Number(a.price))
    .slice(0, SHOWN_OUTCOMES)
    .map(({ outcome, price }) => `${outcome}: ${percent(price)}`)
  const more = market.outcomes.length > dearest.length ? ' …' : ''
  const volume = market.volume === undefined ? '' : `, volume ${market.volume} $AI`
  return `market ${market.market.slice(0, 12)}  ${stateText(market)}  b ${market.liquidity} $AI${volume}  ${dearest.join('  ')}${more}`
}

/** A market for people. */
export function marketLines(market: Description): string[] {
  const says = market.contestSays === undefined ? '' : `, which says ${market.contestSays}`
  return [
    `market ${market.market}  ${stateText(market)}`,
    `  settles from contest ${market.contest} of ${market.source}${says}`,
    `  b ${market.liquidity} $AI, fee ${market.feeBps / 100} %, of which ${market.creatorBps / 100} % to the creator ` +
      `${market.creator}, ${market.modelBps / 100} % to owners of entrants, ${market.protocolBps / 100} % to the protocol`,
    ...(market.volume === undefined
      ? []
      : [`  volume ${market.volume} $AI, ${market.pot} $AI in the pot`]),
    ...market.outcomes.map(
      ({ outcome, price, owner, shares, own }) =>
        `  outcome ${outcome}  ${percent(price)}  ${shares} shares${own === undefined ? '' : `, ${own} own`}` +
        `${owner === undefined ? '' : `  of ${owner ?? 'nobody'}`}${market.winners.includes(outcome) ? '  won' : ''}`,
    ),
    ...(market.unlisted === undefined || market.unlisted === 0
      ? []
      : [
          `  ${market.unlisted} more entrant(s) can be listed: lockstep market enter ${market.market.slice(0, 12)}`,
        ]),
    ...(market.ownLiquidity === undefined || market.ownLiquidity === '0'
      ? []
      : [`  own liquidity shares ${market.ownLiquidity}`]),
  ]
}

function stateText({ phase, secondsLeft, isHalted }: Description): string {
  if (phase !== 'trading') return phase
  return `${isHalted ? 'halted' : 'trading'}, ${span(secondsLeft)} left`
}

/** A price of 18 decimals as a percentage, for people. */
export const percent = (price: string): string => `${(Number(price) * 100).toFixed(2)} %`
