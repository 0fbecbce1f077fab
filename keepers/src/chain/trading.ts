import { aiTokenAbi, delphiAbi } from '@lockstep/deployments'
import {
  collecting,
  type FeesOf,
  lessSlippage,
  type Quote,
  withSlippage,
} from '@lockstep/deployments/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  decodeFunctionData,
  encodeFunctionData,
  type Hash,
  type Hex,
  isAddressEqual,
  type LocalAccount,
  parseEventLogs,
  parseSignature,
  toHex,
  type TransactionReceipt,
} from 'viem'
import { fail } from '../errors.ts'
import type { Head } from './connect.ts'
import type { Contracts } from './contracts.ts'
import type { MarketTerms, Position } from './markets.ts'
import type { Executed, Sender } from './sender.ts'
import { checkBalance } from './stake.ts'
import { transact } from './transact.ts'

/** Who trades: the sender's account signs the permits for what its calls take. */
export interface Trader {
  readonly contracts: Contracts
  readonly sender: Sender
  readonly account: LocalAccount
}

/** How far a quote may be off when its trade is mined, and until when that can be. */
export interface Patience {
  readonly slippageBps: number
  readonly deadlineSeconds: number
}

/** What a trade came to: of a purchase what it cost, of a sale what it brought; $AI wei, shares 1e-9. */
export interface Trade {
  readonly shares: bigint
  readonly amount: bigint
  readonly fee: bigint
  readonly transaction: Hash
}

type Move = ContractFunctionName<typeof delphiAbi, 'nonpayable'>
type MoveArgs<N extends Move> = ContractFunctionArgs<typeof delphiAbi, 'nonpayable', N>

/**
 * Every run of a command is meant: the number of transactions so far tells runs apart, and what one run sends is sent
 * once.
 */
export async function newRun({
  contracts,
  sender,
}: Pick<Trader, 'contracts' | 'sender'>): Promise<string> {
  return String(await contracts.chain.client.getTransactionCount({ address: sender.address }))
}

// Nodes behind one address are a few blocks apart.
const CATCH_UP_MS = 250
const MOST_LOOKS = 240

/** The head, once the endpoint shows it no older than what this account did last. */
export async function headSince({
  contracts,
  sender,
}: Pick<Trader, 'contracts' | 'sender'>): Promise<Head> {
  for (let look = 0; ; look++) {
    const head = await contracts.chain.head()
    if (head.number >= sender.minedAt) return head
    if (look === MOST_LOOKS) {
      throw fail.lyingRpc({
        what: `the endpoint stays at block ${head.number}, this account acted in block ${sender.minedAt}`,
        where: `account ${sender.address}`,
        advice: 'use an endpoint that is in step with the chain',
      })
    }
    await sleep(CATCH_UP_MS)
  }
}

/** A call of Delphi that an earlier run had sent, and that is mined. */
export interface EarlierMove {
  readonly name: string
  readonly args: readonly unknown[]
  readonly transaction: Hash
}

/** The calls of Delphi in what an earlier run had sent. */
export function movesOf({ delphi }: Contracts, executed: readonly Executed[]): EarlierMove[] {
  return executed
    .filter(({ to }) => isAddressEqual(to, delphi))
    .flatMap(({ data, transaction }) => {
      const { functionName, args } = decodeFunctionData({ abi: delphiAbi, data })
      const calls = functionName === 'multicall' ? (args[0] as readonly Hex[]) : [data]
      return calls.map((call) => {
        const decoded = decodeFunctionData({ abi: delphiAbi, data: call })
        return { name: decoded.functionName, args: decoded.args, transaction }
      })
    })
}

/** Refuses to do once more, unasked, what an earlier run of the same command was killed over. */
export function checkNotRepeated(
  earlier: readonly EarlierMove[],
  isSame: (move: EarlierMove) => boolean,
): void {
  const found = earlier.find(isSame)
  if (found === undefined) return
  throw fail.notSent({
    what: `${found.name} was sent by an earlier run and is mined`,
    where: `transaction ${found.transaction}`,
    advice: 'nothing more was sent; run it again to do it once more',
  })
}

/** Creates a market and pays its subsidy, at most `maxSubsidy`. */
export async function createMarket(
  trader: Trader,
  order: { readonly terms: MarketTerms; readonly maxSubsidy: bigint },
  run?: string,
): Promise<{ market: bigint; subsidy: bigint; outcomes: number; transaction: Hash }> {
  const name = run ?? (await newRun(trader))
  const { terms, maxSubsidy } = order
  const salt = toHex(BigInt(name), { size: 32 })
  const receipt = await pay(trader, name, maxSubsidy, 'create', [terms, maxSubsidy, salt])
  const [{ args }] = eventsOf(trader, receipt, 'MarketCreated')
  const { market, subsidy, outcomes } = args
  return { market, subsidy, outcomes: Number(outcomes), transaction: receipt.transactionHash }
}

/** Buys what was quoted, for at most its cost and the slippage. */
export async function buy(
  trader: Trader,
  market: bigint,
  quote: Quote,
  { slippageBps, deadlineSeconds }: Patience,
  run?: string,
): Promise<Trade> {
  const maxCost = withSlippage(quote.amount, slippageBps)
  const deadline = await secondsFromNow(trader, deadlineSeconds)
  const args = [market, BigInt(quote.outcome), quote.shares, maxCost, deadline] as const
  return tradeOf(trader, await pay(trader, run ?? (await newRun(trader)), maxCost, 'buy', args))
}

/** Spends a budget, for at least the shares that were quoted less the slippage. */
export async function buyFor(
  trader: Trader,
  market: bigint,
  quote: Quote,
  budget: bigint,
  { slippageBps, deadlineSeconds }: Patience,
  run?: string,
): Promise<Trade> {
  const least = lessSlippage(quote.shares, slippageBps)
  const deadline = await secondsFromNow(trader, deadlineSeconds)
  const args = [market, BigInt(quote.outcome), budget, least, deadline] as const
  return tradeOf(trader, await pay(trader, run ?? (await newRun(trader)), budget, 'buyFor', args))
}

/** Sells what was quoted, for at least what it brings less the slippage. */
export async function sell(
  trader: Trader,
  market: bigint,
  quote: Quote,
  { slippageBps, deadlineSeconds }: Patience,
  run?: string,
): Promise<Trade> {
  const least = lessSlippage(quote.amount, slippageBps)
  const deadline = await secondsFromNow(trader, deadlineSeconds)
  const args = [market, BigInt(quote.outcome), quote.shares, least, deadline] as const
  return tradeOf(trader, await call(trader, run ?? (await newRun(trader)), 'sell', args))
}

/** Takes complete sets back for 1 $AI each. */
export async function burnSets(
  trader: Trader,
  market: bigint,
  sets: bigint,
  run?: string,
): Promise<void> {
  await call(trader, run ?? (await newRun(trader)), 'burnSets', [market, sets])
}

/** Lists the contest's next entrant. */
export async function listOutcome(
  trader: Trader,
  market: bigint,
  maxCost: bigint,
  { deadlineSeconds }: Patience,
  run?: string,
): Promise<{ outcome: number; cost: bigint; transaction: Hash }> {
  const deadline = await secondsFromNow(trader, deadlineSeconds)
  const name = run ?? (await newRun(trader))
  const receipt = await pay(trader, name, maxCost, 'list', [market, maxCost, deadline])
  const [{ args }] = eventsOf(trader, receipt, 'OutcomeListed')
  const { outcome, cost } = args
  return { outcome: Number(outcome), cost, transaction: receipt.transactionHash }
}

/** Raises the market's liquidity to `b`. */
export async function addLiquidity(
  trader: Trader,
  market: bigint,
  b: bigint,
  maxCost: bigint,
  { deadlineSeconds }: Patience,
  run?: string,
): Promise<{ cost: bigint; shares: bigint; transaction: Hash }> {
  const deadline = await secondsFromNow(trader, deadlineSeconds)
  const name = run ?? (await newRun(trader))
  const receipt = await pay(trader, name, maxCost, 'addLiquidity', [market, b, maxCost, deadline])
  const [{ args }] = eventsOf(trader, receipt, 'LiquidityAdded')
  return { cost: args.cost, shares: args.shares, transaction: receipt.transactionHash }
}

/** Settles or voids a market whose time has come. */
export function settle(
  trader: Pick<Trader, 'contracts' | 'sender'>,
  market: bigint,
): Promise<TransactionReceipt> {
  return call(trader, String(market), 'resolve', [market])
}

/** What a redemption paid, $AI wei. */
export interface Redemption {
  readonly outcomes: bigint
  readonly liquidity: bigint
  readonly fees: bigint
  readonly transaction: Hash
}

/**
 * Redeems what an account has in a resolved market, shares and liquidity, and collects parts of its fees, in one
 * transaction; undefined if that is nothing.
 */
export async function redeem(
  trader: Pick<Trader, 'contracts' | 'sender'>,
  market: bigint,
  { shares, liquidity }: Position,
  fees: readonly FeesOf[] = [],
  run?: string,
): Promise<Redemption | undefined> {
  const owner = trader.sender.address
  const outcomes = [...shares.keys()].filter((outcome) => shares[outcome] > 0n).map(BigInt)
  const calls: Hex[] = [
    ...(outcomes.length === 0 ? [] : [encode('redeemMany', [market, outcomes, owner])]),
    ...(liquidity === 0n ? [] : [encode('redeemLiquidity', [market, owner])]),
    ...fees.map((of) => encodeFunctionData({ abi: delphiAbi, ...collecting(market, of) } as never)),
  ]
  if (calls.length === 0) return undefined
  const receipt = await send(trader, `redeem:${run ?? (await newRun(trader))}`, calls)
  const paid = (name: 'Redeemed' | 'LiquidityRedeemed') =>
    eventsOf(trader, receipt, name).reduce((sum, { args }) => sum + args.paid, 0n)
  return {
    outcomes: outcomes.length === 0 ? 0n : paid('Redeemed'),
    liquidity: liquidity === 0n ? 0n : paid('LiquidityRedeemed'),
    fees:
      fees.length === 0
        ? 0n
        : eventsOf(trader, receipt, 'FeesCollected').reduce(
            (sum, { args }) => sum + args.amount,
            0n,
          ),
    transaction: receipt.transactionHash,
  }
}

async function secondsFromNow({ contracts }: Trader, seconds: number): Promise<bigint> {
  return (await contracts.chain.head()).time + BigInt(seconds)
}

const encode = <N extends Move>(functionName: N, args: MoveArgs<N>): Hex =>
  encodeFunctionData({ abi: delphiAbi, functionName, args } as never)

function call<N extends Move>(
  { contracts, sender }: Pick<Trader, 'contracts' | 'sender'>,
  run: string,
  functionName: N,
  args: MoveArgs<N>,
): Promise<TransactionReceipt> {
  const of = { abi: delphiAbi, address: contracts.delphi, functionName, args }
  return transact(sender, `${functionName}:${run}`, of as never)
}

/** A call that takes $AI, at most `amount`, with the permit for it: no allowance is left where it is refused. */
async function pay<N extends Move>(
  trader: Trader,
  run: string,
  amount: bigint,
  functionName: N,
  args: MoveArgs<N>,
): Promise<TransactionReceipt> {
  const { contracts, account } = trader
  await checkBalance(contracts, account.address, amount, `paid for ${functionName}`)
  const permit = await signPermit(trader, contracts.delphi, amount)
  return send(trader, `${functionName}:${run}`, [permit, encode(functionName, args)])
}

function send(
  { contracts, sender }: Pick<Trader, 'contracts' | 'sender'>,
  intent: string,
  calls: readonly Hex[],
): Promise<TransactionReceipt> {
  const of = { abi: delphiAbi, address: contracts.delphi, functionName: 'multicall' } as const
  return transact(sender, intent, { ...of, args: [calls] })
}

const PERMIT_SECONDS = 86_400n // longer than a transaction waits; the call in the same transaction has its own deadline

async function signPermit(
  { contracts, account }: Trader,
  spender: Address,
  value: bigint,
): Promise<Hex> {
  const { chain, token } = contracts
  const contract = { abi: aiTokenAbi, address: token } as const
  const [[, name, version, chainId, verifyingContract], nonce, { time }] = await Promise.all([
    chain.client.readContract({ ...contract, functionName: 'eip712Domain' }),
    chain.client.readContract({ ...contract, functionName: 'nonces', args: [account.address] }),
    chain.head(),
  ])
  const deadline = time + PERMIT_SECONDS
  const signature = await account.signTypedData({
    domain: { name, version, chainId, verifyingContract },
    primaryType: 'Permit',
    types: {
      Permit: [
        { name: 'owner', type: 'address' },
        { name: 'spender', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    message: { owner: account.address, spender, value, nonce, deadline },
  })
  const { r, s, yParity } = parseSignature(signature)
  return encode('permit', [value, deadline, 27 + yParity, r, s])
}

function tradeOf(trader: Trader, receipt: TransactionReceipt): Trade {
  const [{ args }] = eventsOf(trader, receipt, 'Traded')
  const positive = (x: bigint) => (x < 0n ? -x : x)
  return {
    shares: positive(args.shares),
    amount: positive(args.cost),
    fee: args.fee,
    transaction: receipt.transactionHash,
  }
}

/** Delphi's events of a kind in a receipt, of which there is one at least. */
function eventsOf<
  const N extends
    | ('MarketCreated' | 'Traded' | 'OutcomeListed' | 'LiquidityAdded')
    | ('Redeemed' | 'LiquidityRedeemed' | 'FeesCollected'),
>({ contracts }: Pick<Trader, 'contracts'>, receipt: TransactionReceipt, eventName: N) {
  const logs = parseEventLogs({ abi: delphiAbi, eventName, logs: receipt.logs })
  const found = logs.filter(({ address }) => isAddressEqual(address, contracts.delphi))
  if (found.length > 0) return found
  throw fail.lyingRpc({
    what: `the receipt does not hold the event ${eventName}`,
    where: `transaction ${receipt.transactionHash}`,
    advice: 'use another --rpc',
  })
}
