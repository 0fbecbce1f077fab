import { lmsr } from '@lockstep/deployments/protocol'
import {
  BaseError,
  ChainMismatchError,
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  type Hex,
  InsufficientFundsError,
  UserRejectedRequestError,
} from 'viem'
import { ai, exact, SHARES } from '../format/number.ts'
import { absolute } from '../format/time.ts'
import { type Call, functionOf } from './calls.ts'

/** What went wrong, and what to do about it. */
export interface Explained {
  readonly what: string
  readonly todo: string
  /** Whether it was the user's own choice: no alarm. */
  readonly isChoice?: boolean
}

/** Somebody else has listed the outcome that was to be listed, and another entrant comes next. */
export class ListedBefore extends Error {
  override readonly name = 'ListedBefore'
  readonly outcome: number

  constructor(outcome: number) {
    super(`outcome ${outcome} is listed`)
    this.outcome = outcome
  }
}

type Args = readonly unknown[]
const amount = (value: unknown): string => ai(value as bigint)
const time = (value: unknown): string => absolute(Number(value))

const MOVED: Explained = {
  what: 'The price moved by more than your slippage limit before it could be done.',
  todo: 'Look at the new quote and send it again, or allow more slippage in the settings.',
}

/** What the contracts' own errors mean, whatever met them. */
const ERRORS: Readonly<Partial<Record<string, (args: Args) => Explained>>> = {
  Delphi_TooDear: () => MOVED,
  Delphi_TooLittle: () => MOVED,
  Delphi_PastDeadline: ([deadline]) => ({
    what: `It came too late: its deadline was ${time(deadline)}.`,
    todo: 'Send it again; a longer deadline can be set in the settings.',
  }),
  Delphi_Closed: ([, closesAt]) => ({
    what: `Trading ended on ${time(closesAt)}.`,
    todo: 'Wait for the contest to be decided; shares are redeemed then.',
  }),
  Delphi_Halted: () => ({
    what: 'Governance has halted this market: nothing is bought, no sets are made, no liquidity is added and no outcome is listed.',
    todo: 'Selling, giving back sets and redeeming are still possible.',
  }),
  Delphi_UnknownMarket: () => ({
    what: 'The contract knows no such market.',
    todo: 'Check that the page and the chain belong together.',
  }),
  Delphi_UnknownOutcome: () => ({
    what: 'This outcome is not listed in the market.',
    todo: 'Choose another outcome.',
  }),
  Delphi_NothingToList: ([outcomes]) => ({
    what:
      outcomes === BigInt(lmsr.MAX_OUTCOMES)
        ? 'The market has as many outcomes as it can have.'
        : 'All entrants of the contest are outcomes: somebody else has listed the last one.',
    todo: 'Nothing is left to do: what is listed can be traded.',
  }),
  Delphi_StillTrading: ([closesAt]) => ({
    what: `The market trades until ${time(closesAt)}.`,
    todo: 'It can be resolved after that.',
  }),
  Delphi_NotDecided: () => ({
    what: 'The contest has no verdict yet.',
    todo: 'Try again when it is decided.',
  }),
  Delphi_NotResolved: () => ({
    what: 'The market is not resolved yet.',
    todo: 'Try again after trading ended and the contest was decided.',
  }),
  Delphi_NothingToPay: () => ({
    what: 'There is nothing to be paid to this account.',
    todo: 'Shares that lost are paid nothing, and what was redeemed is gone.',
  }),
  Delphi_TooLittleGas: () => ({
    what: 'The transaction has too little gas to resolve the market.',
    todo: 'Raise its gas limit in the wallet: 7 million are enough.',
  }),
  LMSR_QuantityOutOfRange: () => ({
    what: 'That is more than the market’s curve can hold.',
    todo: 'Trade fewer shares.',
  }),
  LMSR_LiquidityOutOfRange: () => ({
    what: 'The liquidity must grow, and stay below the curve’s limit.',
    todo: 'Choose another amount.',
  }),
  LMSR_NoShares: () => ({ what: 'That is not a single share.', todo: 'Enter a larger amount.' }),
  InsufficientBalance: () => ({
    what: 'The account has fewer shares than that.',
    todo: 'Sell fewer shares.',
  }),
  ERC20InsufficientBalance: ([, balance, needed]) => ({
    what: `The account has ${amount(balance)}, and ${amount(needed)} are needed.`,
    todo: 'Choose a smaller amount, or get more $AI.',
  }),
  ERC20InsufficientAllowance: ([, allowance, needed]) => ({
    what: `The contract may take ${amount(allowance)} from the account, and ${amount(needed)} are needed.`,
    todo: 'Send it again and grant the permission that is asked for.',
  }),
  TransferFromFailed: () => ({
    what: 'The $AI could not be taken from the account.',
    todo: 'Check its balance, and grant the permission that is asked for.',
  }),
}

const COLLECTED: Explained = {
  what: 'A part of these fees was collected before: anyone may, and each is paid to whom it belongs.',
  todo: 'Collect what is still shown as due.',
}
const NOTHING_DUE = { Delphi_NothingToPay: () => COLLECTED }

/** What an error means to one function that would mislead as it is told to the others. */
const ERRORS_OF: Readonly<Partial<Record<Call, typeof ERRORS>>> = {
  mintSets: {
    LMSR_QuantityOutOfRange: () => ({
      what: 'That is more than the market’s curve can hold.',
      todo: 'Make fewer sets.',
    }),
  },
  burnSets: {
    Delphi_TooLittle: ([left]) => ({
      what: `Others gave sets back before: ${exact(left as bigint, SHARES)} are left in circulation.`,
      todo: 'Give back no more than that; other shares are sold, or redeemed when the market is resolved.',
    }),
    Delphi_Closed: () => ({
      what: 'The market is resolved: sets are not given back any more.',
      todo: 'Redeem the shares instead.',
    }),
    InsufficientBalance: () => ({
      what: 'The account does not have so many shares of every outcome.',
      todo: 'Give back fewer sets.',
    }),
  },
  collectCreatorFees: NOTHING_DUE,
  collectProtocolFees: NOTHING_DUE,
  collectModelFees: {
    ...NOTHING_DUE,
    Delphi_TooLittleGas: () => ({
      what: 'The transaction has too little gas to ask the contest who owns the models.',
      todo: 'Raise its gas limit in the wallet: 10 million are enough.',
    }),
  },
}

/** The name of a wallet's or a node's refusal by its number (EIP-1193, EIP-1474). */
function codeOf(error: unknown): number | undefined {
  for (let at = error, depth = 0; at instanceof Object && depth < 10; depth++) {
    const { code, cause } = at as { code?: unknown; cause?: unknown }
    if (typeof code === 'number') return code
    at = cause
  }
  return undefined
}

/** Whether a wallet says that it does not know a method, such as signing typed data. */
export const isUnsupported = (error: unknown): boolean =>
  [4200, -32601, -32004].includes(codeOf(error) ?? 0)

/** Anything that was thrown while trading, for people. */
export function explain(error: unknown): Explained {
  const code = codeOf(error)
  if (isA(error, UserRejectedRequestError) || code === 4001) {
    return {
      what: 'You declined it in the wallet.',
      todo: 'Nothing was sent.',
      isChoice: true,
    }
  }
  if (error instanceof ListedBefore) {
    return {
      what: `Somebody else has listed outcome ${error.outcome}.`,
      todo: 'Nothing was sent: another entrant comes next now.',
    }
  }
  if (isA(error, ChainMismatchError) || nameOf(error) === 'ConnectorChainMismatchError') {
    return {
      what: 'The wallet is on another chain.',
      todo: 'Switch it to this page’s chain; nothing was sent.',
    }
  }
  if (code === -32002) {
    return {
      what: 'The wallet has a question open.',
      todo: 'Open it and answer that first.',
    }
  }
  const revert = find(error, ContractFunctionRevertedError)
  if (revert !== undefined) return revertOf(revert, calledBy(error))
  if (isA(error, InsufficientFundsError) || /insufficient funds/i.test(messageOf(error))) {
    return {
      what: 'The account has too little ether to pay for gas.',
      todo: 'Send some ether to it; nothing was sent.',
    }
  }
  return { what: shortened(messageOf(error)), todo: 'Nothing was sent, unless it is listed below.' }
}

/** One line for where there is little room. */
export const brief = (error: unknown): string => {
  const { what, todo } = explain(error)
  return `${what} ${todo}`
}

/** What a `multicall` that failed was for: its last call, which those before it make possible. */
function calledBy(error: unknown): Call | undefined {
  const failed = find(error, ContractFunctionExecutionError)
  if (failed?.functionName !== 'multicall') return undefined
  const [calls = []] = (failed.args ?? []) as [(readonly Hex[])?]
  const last = calls.at(-1)
  return last === undefined ? undefined : functionOf(last)
}

function revertOf(
  { data, reason, signature }: ContractFunctionRevertedError,
  called: Call | undefined,
): Explained {
  const name = data?.errorName ?? ''
  const known = (called && ERRORS_OF[called]?.[name]) ?? ERRORS[name]
  if (known !== undefined) return known(data?.args ?? [])
  const why = data?.errorName ?? reason ?? signature ?? 'without a reason'
  return {
    what: `The contract refuses it: ${shortened(why)}.`,
    todo: 'Nothing was sent.',
  }
}

type Kind<E> = abstract new (...args: never[]) => E
function find<E extends Error>(error: unknown, kind: Kind<E>): E | undefined {
  if (error instanceof kind) return error
  if (!(error instanceof BaseError)) return undefined
  const found = error.walk((at) => at instanceof kind)
  return found instanceof kind ? found : undefined
}
const isA = (error: unknown, kind: Kind<Error>): boolean => find(error, kind) !== undefined
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')
const messageOf = (error: unknown): string =>
  error instanceof BaseError
    ? error.details || error.shortMessage
    : error instanceof Error
      ? error.message
      : String((error as { message?: unknown }).message ?? error)
const shortened = (text: string): string => (text.split('\n', 1)[0] ?? '').slice(0, 300)
