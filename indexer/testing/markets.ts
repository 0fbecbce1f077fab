// Markets of the fake world: every cost is what the contract would ask, from a book of its own.
import { Book, LIQUIDITY, lmsr, shareId } from '@lockstep/deployments/protocol'
import { type Address, zeroAddress } from 'viem'
import type { Contest } from './contests.ts'
import { account, ACCOUNTS, AI, FAKE_DEPLOYMENT, pick, type Writer } from './world.ts'

export interface Market {
  readonly id: bigint
  readonly contest: Contest
  readonly closesAt: number
  book: Book
  readonly holdings: Map<string, bigint>
  isOver: boolean
}

const { contracts } = FAKE_DEPLOYMENT
const FEE_BPS = 100n
const feeOf = (amount: bigint): bigint => (amount * FEE_BPS + 9_999n) / 10_000n

export function createMarket(w: Writer, markets: Market[], contests: readonly Contest[]): void {
  const contest = pick(
    w.random,
    contests.slice(-10).filter(({ isOver, entrants }) => !isOver && entrants.length >= 2),
  )
  if (contest === undefined) return
  const creator = account(w.random.below(ACCOUNTS))
  const id = BigInt(w.fresh()) >> 16n
  const b = BigInt(10 + w.random.below(5_000)) * AI
  const outcomes = contest.entrants.length
  const closesAt = w.now + 2_400
  const book = new Book(b, outcomes)
  const [subsidy, holdings] = [book.pot, new Map<string, bigint>()]
  w.emit('delphi', 'MarketCreated', {
    ...{ market: id, creator, outcomes: BigInt(outcomes), subsidy, protocolBps: 1_000 },
    terms: {
      ...{ source: contracts.judge, contest: contest.id, b, closesAt, voidsAt: closesAt + 3_600 },
      ...{ feeBps: Number(FEE_BPS), creatorBps: 2_000, modelBps: 1_000 },
      ...{ rules: w.fresh(), metadata: w.fresh() },
    },
  })
  shares(w, creator, zeroAddress, creator, shareId(id, LIQUIDITY), subsidy)
  w.pay(creator, contracts.delphi, subsidy)
  w.send(creator, contracts.delphi)
  markets.push({ id, contest, closesAt, book, holdings, isOver: false })
}

function shares(w: Writer, by: Address, from: Address, to: Address, id: bigint, amount: bigint) {
  w.emit('delphi', 'Transfer', { by, from, to, id, amount })
}

export function trade(w: Writer, markets: readonly Market[]): void {
  const market = open(w, markets)
  if (market === undefined) return
  const { id, book, holdings } = market
  const trader = account(w.random.below(ACCOUNTS))
  const outcome = w.random.below(book.quantities.length)
  const key = `${outcome} ${trader}`
  const held = holdings.get(key) ?? 0n
  const about = { market: id, trader, outcome: BigInt(outcome) }
  const share = shareId(id, outcome)
  if (w.random.below(40) === 0) book.curve = lmsr.gather(book.curve.b, book.quantities) // of which no event says
  if (held > 0n && w.random.below(3) === 0) {
    const amount = 1n + w.random.upTo(held - 1n)
    const payout = book.sell(outcome, amount)
    const [fee, proceeds] = [feeOf(payout), payout - feeOf(payout)]
    holdings.set(key, held - amount)
    shares(w, trader, trader, zeroAddress, share, amount)
    w.emit('delphi', 'Traded', { ...about, shares: -amount, cost: -proceeds, fee })
    w.pay(contracts.delphi, trader, proceeds)
  } else {
    const amount = book.buyFor(outcome, w.random.magnitude(book.curve.b))
    if (amount === 0n) return
    const charge = book.buy(outcome, amount)
    const fee = feeOf(charge)
    holdings.set(key, held + amount)
    w.emit('delphi', 'Traded', { ...about, shares: amount, cost: charge + fee, fee })
    shares(w, trader, zeroAddress, trader, share, amount)
    w.pay(trader, contracts.delphi, charge + fee)
  }
  w.send(trader, contracts.delphi)
}

const open = (w: Writer, markets: readonly Market[]): Market | undefined =>
  pick(
    w.random,
    markets.slice(-20).filter(({ isOver, closesAt }) => !isOver && w.now <= closesAt),
  )

export function mintSets(w: Writer, markets: readonly Market[]): void {
  const market = open(w, markets)
  if (market === undefined) return
  const { id, book, holdings } = market
  const owner = account(w.random.below(ACCOUNTS))
  const sets = 1n + w.random.upTo(10n ** 10n)
  book.mint(sets)
  w.emit('delphi', 'SetsMinted', { market: id, owner, sets })
  for (let i = 0; i < book.quantities.length; i++) {
    shares(w, owner, zeroAddress, owner, shareId(id, i), sets)
    const key = `${i} ${owner}`
    holdings.set(key, (holdings.get(key) ?? 0n) + sets)
  }
  w.pay(owner, contracts.delphi, sets * lmsr.WEI_PER_SHARE)
  w.send(owner, contracts.delphi)
}

export function addLiquidity(w: Writer, markets: readonly Market[]): void {
  const market = open(w, markets)
  if (market === undefined) return
  const { id, book, holdings } = market
  const provider = account(w.random.below(ACCOUNTS))
  const b = book.curve.b + AI * BigInt(1 + w.random.below(100))
  const { shares: received, cost } = book.join(b)
  for (const [i, amount] of received.entries()) {
    shares(w, provider, zeroAddress, provider, shareId(id, i), amount)
    const key = `${i} ${provider}`
    holdings.set(key, (holdings.get(key) ?? 0n) + amount)
  }
  w.emit('delphi', 'LiquidityAdded', { market: id, provider, b, cost, shares: cost })
  shares(w, provider, zeroAddress, provider, shareId(id, LIQUIDITY), cost)
  w.pay(provider, contracts.delphi, cost)
  w.send(provider, contracts.delphi)
}

export function listOutcome(w: Writer, markets: readonly Market[]): void {
  const market = open(w, markets)
  if (market === undefined) return
  const { id, book, contest } = market
  if (book.quantities.length >= contest.entrants.length) return
  const payer = account(w.random.below(ACCOUNTS))
  const outcome = BigInt(book.quantities.length)
  const cost = book.admit()
  w.emit('delphi', 'OutcomeListed', { market: id, outcome, payer, cost })
  w.pay(payer, contracts.delphi, cost)
  w.send(payer, contracts.delphi)
}

export function resolve(w: Writer, markets: readonly Market[]): void {
  const market = markets.slice(-60).find(({ isOver, closesAt }) => !isOver && w.now > closesAt)
  if (market === undefined) return
  market.isOver = true
  const { id, book, holdings } = market
  const by = account(w.random.below(ACCOUNTS))
  const winner = w.random.below(book.quantities.length)
  const isVoid = w.random.below(3) === 0
  if (isVoid) w.emit('delphi', 'MarketVoided', { market: id, liquidity: 0n })
  else
    w.emit('delphi', 'MarketSettled', { market: id, winners: 1n << BigInt(winner), liquidity: 0n })
  const winners = isVoid ? [] : [...holdings].filter(([key]) => key.startsWith(`${winner} `))
  for (const [key, held] of winners.slice(0, 5)) {
    if (held === 0n) continue
    const owner = key.split(' ')[1] as Address
    shares(w, by, owner, zeroAddress, shareId(id, winner), held)
    const paid = held * lmsr.WEI_PER_SHARE
    const about = { market: id, owner, outcome: BigInt(winner), shares: held, paid }
    w.emit('delphi', 'Redeemed', about)
    w.pay(contracts.delphi, owner, paid)
  }
  w.send(by, contracts.delphi)
}
