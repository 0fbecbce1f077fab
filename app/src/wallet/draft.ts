import {
  formatShares,
  lessSlippage,
  LmsrError,
  type Quote,
  quoteBuy,
  quoteBuyFor,
  quoteSell,
  quoteSellFor,
  withSlippage,
} from '@lockstep/deployments/protocol'
import { parseUnits } from 'viem'
import { ai, SHARES, WEI } from '../format/number.ts'
import type { ChainMarket } from './readMarket.ts'

/** What the form says. `amount` is $AI that is spent or received, instead of shares. */
export interface Draft {
  readonly side: 'buy' | 'sell'
  readonly by: 'shares' | 'amount'
  readonly outcome: number
  /** As it was typed. */
  readonly text: string
}

export interface Settings {
  readonly slippageBps: number
  readonly deadlineMinutes: number
}

/** A trade that can be sent: the contract's function, its arguments but the deadline, and what may be taken at most. */
export interface Order {
  readonly quote: Quote
  readonly functionName: 'buy' | 'buyFor' | 'sell' | 'sellFor'
  /** Shares, or $AI wei. */
  readonly exactly: bigint
  /** What is paid at most, received at least; in the other unit. */
  readonly limit: bigint
  /** $AI wei that the contract may take; 0 for sales. */
  readonly takes: bigint
}

/** What comes of a draft: an order, or why there is none. */
type Drafted =
  | { readonly order: Order; readonly problem?: undefined }
  | { readonly order?: undefined; readonly problem: string | undefined }

const NUMBER = /^(\d{1,30})?(?:[.,](\d*))?$/
/** A comma before three digits: some read it as a point, some as thousands. */
const AMBIGUOUS = /^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/

/** A number as typed, without signs between thousands, in units of 10^-decimals; a text says what is wrong with it. */
export function parseTyped(text: string, decimals: number): bigint | string | undefined {
  const typed = text.trim()
  if (typed === '') return undefined
  if (AMBIGUOUS.test(typed)) {
    const thousands = typed.replaceAll(',', '')
    return `Write ${thousands} if that is meant, or the decimals behind a point.`
  }
  const parts = NUMBER.exec(typed)
  if (parts === null || !/\d/.test(typed)) return 'That is no number.'
  const fraction = parts.at(2) ?? ''
  if (fraction.length > decimals) return `At most ${decimals} decimals are possible.`
  return parseUnits(`${parts.at(1) ?? '0'}.${fraction === '' ? '0' : fraction}`, decimals)
}

/** Quotes a draft against the chain's state: bit for bit what the contract would charge or pay. */
export function quoteDraft(
  market: ChainMarket,
  { side, by, outcome, text }: Draft,
  { slippageBps }: Settings,
): Drafted {
  const typed = parseTyped(text, by === 'shares' ? SHARES : WEI)
  if (typeof typed === 'string') return { problem: typed }
  if (typed === undefined || typed === 0n) return { problem: undefined }
  if (outcome >= market.quantities.length) return { problem: 'There is no such outcome.' }
  try {
    const order =
      side === 'buy'
        ? buying(market, outcome, by, typed, slippageBps)
        : selling(market, outcome, by, typed, slippageBps)
    return typeof order === 'string' ? { problem: order } : { order }
  } catch (error) {
    if (error instanceof LmsrError)
      return { problem: 'That is more than the market’s curve can hold.' }
    throw error
  }
}

/** What is paid at most, $AI wei: a quote with its slippage, but not more than there is if that pays the quote. */
export function mostPaid({ own }: ChainMarket, quoted: bigint, slippageBps: number): bigint {
  const most = withSlippage(quoted, slippageBps)
  return own !== undefined && quoted <= own.balance && own.balance < most ? own.balance : most
}

function buying(
  market: ChainMarket,
  outcome: number,
  by: Draft['by'],
  typed: bigint,
  slippageBps: number,
): Order | string {
  if (by === 'amount') {
    const quote = quoteBuyFor(market, outcome, typed)
    if (quote === undefined) return 'That does not pay for a single share.'
    const limit = lessSlippage(quote.shares, slippageBps)
    if (limit === 0n) return 'That pays for too little of a share to set a limit.'
    return { quote, functionName: 'buyFor', exactly: typed, limit, takes: typed }
  }
  const quote = quoteBuy(market, outcome, typed)
  const limit = mostPaid(market, quote.amount, slippageBps)
  return { quote, functionName: 'buy', exactly: typed, limit, takes: limit }
}

function selling(
  market: ChainMarket,
  outcome: number,
  by: Draft['by'],
  typed: bigint,
  slippageBps: number,
): Order | string {
  const has = market.own?.shares[outcome]
  const most = (shares: bigint): string | undefined =>
    has !== undefined && shares > has
      ? `You have ${formatShares(has)} shares of this outcome, not ${formatShares(shares)}.`
      : undefined
  if (by === 'amount') {
    const quote = quoteSellFor(market, outcome, typed)
    if (quote === undefined) return `No number of shares brings ${ai(typed)}.`
    const limit = withSlippage(quote.shares, slippageBps)
    return (
      most(quote.shares) ?? { quote, functionName: 'sellFor', exactly: typed, limit, takes: 0n }
    )
  }
  const tooMany = most(typed)
  if (tooMany !== undefined) return tooMany
  const quote = quoteSell(market, outcome, typed)
  const limit = lessSlippage(quote.amount, slippageBps)
  if (limit === 0n) return 'These shares bring too little now to set a limit.'
  return { quote, functionName: 'sell', exactly: typed, limit, takes: 0n }
}
