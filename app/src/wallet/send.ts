import { aiTokenAbi, delphiAbi } from '@lockstep/deployments/abis'
import { collecting } from '@lockstep/deployments/protocol'
import {
  type Account,
  type Address,
  type Chain,
  decodeFunctionResult,
  encodeFunctionData,
  type Hash,
  type Hex,
  InsufficientFundsError,
  parseSignature,
  type Transport,
  type WalletClient,
} from 'viem'
import type { Config } from '../config/config.ts'
import type { ChainClient } from '../data/chain.ts'
import type { Order } from './draft.ts'
import type { LiquidityOrder } from './draftLiquidity.ts'
import type { ListingOrder } from './draftListing.ts'
import type { SetsOrder } from './draftSets.ts'
import { isUnsupported, ListedBefore } from './explain.ts'
import { addPending, changePending } from './pending.ts'
import type { OwnFees } from './readFees.ts'

type Wallet = WalletClient<Transport, Chain, Account>

/** Where a transaction stands before it is sent. */
export type Step = 'permit' | 'approve' | 'approving' | 'checking' | 'confirm'

/** What all transactions of the panel need. */
export interface Sending {
  readonly wallet: Wallet
  readonly client: ChainClient
  readonly config: Config
  readonly market: bigint
  /** Told before each step. */
  readonly onStep: (step: Step) => void
}

/** Delphi's functions and errors, and the error of the library by which it takes tokens. */
export const TRADING_ABI = [
  ...delphiAbi,
  { type: 'error', name: 'TransferFromFailed', inputs: [] },
] as const

const PERMIT_SECONDS = 3600n
const ALL = 100n
/** Added to the gas that was estimated, in hundredths: a trade before it may cause the curve to be gathered. */
const SPARE = 30n

/** Sends a trade, with the permission that it needs. Resolves once the wallet has sent it. */
export async function sendTrade(
  sending: Sending,
  { quote, functionName, exactly, limit, takes }: Order,
  deadlineMinutes: number,
  what: string,
): Promise<Hash> {
  const { market } = sending
  const permission = takes === 0n ? undefined : await permit(sending, takes)
  const deadline = await deadlineIn(sending, deadlineMinutes)
  const call = encodeFunctionData({
    abi: delphiAbi,
    functionName,
    args: [market, BigInt(quote.outcome), exactly, limit, deadline],
  })
  return send(sending, permission === undefined ? [call] : [permission, call], what)
}

/** Adds liquidity to a market, with the permission that it needs. */
export async function sendLiquidity(
  sending: Sending,
  { b, maxCost }: LiquidityOrder,
  deadlineMinutes: number,
  what: string,
): Promise<Hash> {
  const permission = await permit(sending, maxCost)
  const args = [sending.market, b, maxCost, await deadlineIn(sending, deadlineMinutes)] as const
  const call = encodeFunctionData({ abi: delphiAbi, functionName: 'addLiquidity', args })
  return send(sending, permission === undefined ? [call] : [permission, call], what)
}

/** Makes complete sets, with the permission that it needs, or gives them back. */
export async function sendSets(
  sending: Sending,
  { functionName, sets, amount }: SetsOrder,
  what: string,
): Promise<Hash> {
  const permission = functionName === 'mintSets' ? await permit(sending, amount) : undefined
  const call = encodeFunctionData({ abi: delphiAbi, functionName, args: [sending.market, sets] })
  return send(sending, permission === undefined ? [call] : [permission, call], what)
}

/** Lists the contest's next entrant, with the permission that it needs; not another one than was quoted. */
export async function sendListing(
  sending: Sending,
  { outcome, maxCost }: ListingOrder,
  deadlineMinutes: number,
  what: string,
): Promise<Hash> {
  const permission = await permit(sending, maxCost)
  const args = [sending.market, maxCost, await deadlineIn(sending, deadlineMinutes)] as const
  const call = encodeFunctionData({ abi: delphiAbi, functionName: 'list', args })
  return send(sending, permission === undefined ? [call] : [permission, call], what, (results) => {
    const data = results.at(-1) as Hex
    const [listed] = decodeFunctionResult({ abi: delphiAbi, functionName: 'list', data })
    if (listed !== BigInt(outcome)) throw new ListedBefore(outcome)
  })
}

/** Redeems outcomes of a resolved market, and its liquidity shares if there are any that are paid. */
export function sendRedemption(
  sending: Sending,
  { outcomes, isProvider }: { outcomes: readonly number[]; isProvider: boolean },
  what: string,
): Promise<Hash> {
  const owner = sending.wallet.account.address
  const { market } = sending
  const encode = (of: object) => encodeFunctionData({ abi: delphiAbi, ...of } as never)
  const args = [market, outcomes.map(BigInt), owner]
  const calls = [
    ...(outcomes.length > 0 ? [encode({ functionName: 'redeemMany', args })] : []),
    ...(isProvider ? [encode({ functionName: 'redeemLiquidity', args: [market, owner] })] : []),
  ]
  return send(sending, calls, what)
}

/** Collects the first group of what is due: all that was tried at once, and no more. */
export function sendCollection(
  sending: Sending,
  [next = []]: OwnFees['due'],
  what: string,
): Promise<Hash> {
  const calls = next.map(({ of }) =>
    encodeFunctionData({ abi: delphiAbi, ...collecting(sending.market, of) }),
  )
  return send(sending, calls, what)
}

/** Settles or voids a market whose time has come. */
export function sendResolution(sending: Sending, what: string): Promise<Hash> {
  const { market } = sending
  const resolve = encodeFunctionData({ abi: delphiAbi, functionName: 'resolve', args: [market] })
  return send(sending, [resolve], what)
}

/** By the chain's time, after the wallet was asked for a permit. */
async function deadlineIn({ client }: Sending, minutes: number): Promise<bigint> {
  return (await client.getBlock()).timestamp + BigInt(minutes) * 60n
}

/**
 * What lets Delphi take so much: nothing where it may already, a signed permit (ERC-2612) that is sent along, or, for
 * accounts that are contracts and wallets that sign no typed data, an approval in a transaction of its own.
 */
async function permit(sending: Sending, value: bigint): Promise<Hex | undefined> {
  const { wallet, client, config, onStep } = sending
  const { token, delphi } = config.contracts
  const owner = wallet.account.address
  const erc20 = { abi: aiTokenAbi, address: token } as const
  const [allowance, code] = await Promise.all([
    client.readContract({ ...erc20, functionName: 'allowance', args: [owner, delphi] }),
    client.getCode({ address: owner }),
  ])
  if (allowance >= value) return undefined
  // An account that delegates to code (EIP-7702) still signs with its key.
  const hasKey = code === undefined || code.startsWith('0xef0100')
  if (!hasKey) return approve(sending, value)
  onStep('permit')
  const [[, name, version, chainId, verifyingContract], nonce, { timestamp }] = await Promise.all([
    client.readContract({ ...erc20, functionName: 'eip712Domain' }),
    client.readContract({ ...erc20, functionName: 'nonces', args: [owner] }),
    client.getBlock(),
  ])
  const deadline = timestamp + PERMIT_SECONDS
  try {
    const signature = await wallet.signTypedData({
      domain: { name, version, chainId: Number(chainId), verifyingContract },
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
      message: { owner, spender: delphi, value, nonce, deadline },
    })
    const { r, s, yParity } = parseSignature(signature)
    const args = [value, deadline, 27 + yParity, r, s] as const
    return encodeFunctionData({ abi: delphiAbi, functionName: 'permit', args })
  } catch (error) {
    if (!isUnsupported(error)) throw error
    return approve(sending, value)
  }
}

async function approve(sending: Sending, value: bigint): Promise<undefined> {
  const { wallet, client, config, onStep } = sending
  const { token, delphi } = config.contracts
  onStep('approve')
  const data = encodeFunctionData({
    abi: aiTokenAbi,
    functionName: 'approve',
    args: [delphi, value],
  })
  const hash = await wallet.sendTransaction({ to: token, data })
  await note(sending, token, data, hash, 'Permission for the contract to take $AI')
  onStep('approving')
  await client.waitForTransactionReceipt({ hash })
}

/** Simulates the calls, has the wallet send them, and remembers the transaction. `check` may refuse what would come of it. */
async function send(
  sending: Sending,
  calls: readonly Hex[],
  what: string,
  check?: (results: readonly Hex[]) => void,
): Promise<Hash> {
  const { wallet, client, config, onStep } = sending
  const { delphi } = config.contracts
  onStep('checking')
  const request = {
    abi: TRADING_ABI,
    address: delphi,
    functionName: 'multicall',
    args: [calls],
    account: wallet.account,
  } as const
  const { result } = await client.simulateContract(request)
  check?.(result)
  const gas = await client.estimateContractGas(request)
  const data = encodeFunctionData({ abi: TRADING_ABI, functionName: 'multicall', args: [calls] })
  const [ether, { maxFeePerGas }] = await Promise.all([
    client.getBalance({ address: wallet.account.address }),
    client.estimateFeesPerGas(),
  ])
  if (ether < gas * maxFeePerGas) throw new InsufficientFundsError()
  onStep('confirm')
  const hash = await wallet.sendTransaction({
    to: delphi,
    data,
    gas: (gas * (ALL + SPARE)) / ALL,
  })
  await note(sending, delphi, data, hash, what)
  return hash
}

async function note(
  { wallet, client, config, market }: Sending,
  to: Address,
  data: Hex,
  hash: Hash,
  what: string,
): Promise<void> {
  const from = wallet.account.address
  // Remembered before anything else is asked: the page may be closed now.
  addPending(config.chainId, {
    ...{ hash, from, to, data, what, market: String(market) },
    ...{ sentAt: Date.now(), sentBlock: 0, stage: 'sent' },
  })
  const [block, transaction] = await Promise.all([
    client.getBlockNumber({ cacheTime: 0 }).catch(() => 0n),
    client.getTransaction({ hash }).catch(() => undefined),
  ])
  // It may have been followed on meanwhile, or put away.
  changePending(config.chainId, hash, {
    sentBlock: Number(block),
    ...(transaction === undefined ? {} : { nonce: transaction.nonce }),
  })
}
