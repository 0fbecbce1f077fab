import { type Abi, parseAbi } from 'viem'

/** Errors that our contracts pass on from libraries (Solady), whose ABIs do not name them. */
export const errorsOfLibraries: Abi = parseAbi([
  'error TransferFromFailed()',
  'error TransferFailed()',
  'error ApproveFailed()',
  'error ETHTransferFailed()',
  'error Permit2Failed()',
  'error Overflow()',
  'error MulWadFailed()',
  'error MulDivFailed()',
  'error FullMulDivFailed()',
  'error DivFailed()',
  'error BalanceOverflow()',
  'error InsufficientPermission()',
  'error DeploymentFailed()',
  'error Reentrancy()',
])

interface Meaning {
  /** What it says, as a person would. */
  readonly means: string
  readonly advice: string
}

const tokens: Meaning = {
  means: 'the $AI could not be taken: the account has too little, or has not allowed so much',
  advice: 'get more $AI, or take less: lockstep status --account <address> shows what it has',
}
const numbers: Meaning = {
  means: 'a number became too large',
  advice: 'take smaller amounts',
}

/** What errors mean that many calls share, by their name. Those of one contract say it by their own name and values. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  TransferFromFailed: tokens,
  ERC20InsufficientBalance: {
    means: 'the account has too little $AI',
    advice: 'get more, or take less: lockstep status --account <address> shows what it has',
  },
  ERC20InsufficientAllowance: {
    means: 'the account has not allowed the contract to take so much $AI',
    advice: 'another command of this account used what was allowed: run it again',
  },
  InsufficientBalance: {
    means: 'the account has fewer shares than that',
    advice: 'take fewer: lockstep market show --account <address> says how many it has',
  },
  TransferFailed: {
    means: 'the contract could not pay $AI out',
    advice: 'look at the contract’s balance; report it if that is enough',
  },
  ETHTransferFailed: {
    means: 'ether could not be paid to the account',
    advice: 'an account that is a contract has to accept ether',
  },
  Overflow: numbers,
  MulWadFailed: numbers,
  MulDivFailed: numbers,
  FullMulDivFailed: numbers,
  BalanceOverflow: numbers,
}

/** What a revert means and what to do, where more than its name can be said. */
export function meaningOf(errorName: string): Meaning | undefined {
  return Object.hasOwn(MEANINGS, errorName) ? MEANINGS[errorName] : undefined
}
