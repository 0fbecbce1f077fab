import { type Address, BaseError, ContractFunctionRevertedError } from 'viem'
import { aiTokenAbi } from '../abis/aiToken.ts'
import { delphiAbi } from '../abis/delphi.ts'

/** Whose part of a market's fees. */
export type FeesOf = 'creator' | 'protocol' | { readonly outcome: number }

/** A part of a market's fees, and what of it can be collected now, $AI wei. */
export interface FeesDue {
  readonly of: FeesOf
  readonly amount: bigint
}

/** The call that collects a part of the fees. */
export function collecting(market: bigint, of: FeesOf) {
  if (of === 'creator') return { functionName: 'collectCreatorFees', args: [market] } as const
  if (of === 'protocol') return { functionName: 'collectProtocolFees', args: [market] } as const
  return { functionName: 'collectModelFees', args: [market, BigInt(of.outcome)] } as const
}

/** Whose fees of which market are looked for, and where. */
export interface FeesSought {
  readonly delphi: Address
  readonly token: Address
  readonly market: bigint
  readonly account: Address
}

/** Parts of a group: 22 kB of a request, and less than 10 million gas whatever a contest burns. */
const AT_ONCE = 32

/**
 * The parts of a market's fees that an account would be paid now, of the creator's, the protocol's and those of the
 * models of `outcomes`. Each group is what one transaction collects: its parts were tried one after the other. `ask` is
 * viem's `multicall`, at one block.
 */
export async function ownFees(
  sought: FeesSought,
  outcomes: readonly number[],
  ask: (request: ReturnType<typeof trying>) => Promise<Answers>,
): Promise<FeesDue[][]> {
  const whose = await dueOf(['creator', 'protocol', ...outcomes.map((outcome) => ({ outcome }))])
  // What others are paid before may leave the last of the models some wei less: once more without it.
  return dueOf(whose.flat().map(({ of }) => of))

  async function dueOf(parts: readonly FeesOf[]): Promise<FeesDue[][]> {
    const groups = Array.from({ length: Math.ceil(parts.length / AT_ONCE) }, (_, i) =>
      parts.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
    )
    const tried = await Promise.all(
      groups.map(async (group) => gained(group, await ask(trying(sought, group)))),
    )
    const due = tried.map((group) => group.filter(({ amount }) => amount > 0n))
    return due.filter((group) => group.length > 0)
  }
}

/**
 * What the account has before and after each part is collected. So the contract itself says whose a model's part is: it
 * asks the contest, which may be any contract, with little gas, and what that burns or says costs no other part.
 */
function trying({ delphi, token, market, account }: FeesSought, parts: readonly FeesOf[]) {
  const balance = {
    ...{ abi: aiTokenAbi, address: token, functionName: 'balanceOf' },
    args: [account],
  } as const
  const collections = parts.map((of) => ({
    ...{ abi: delphiAbi, address: delphi },
    ...collecting(market, of),
  }))
  const contracts = [balance, ...collections.flatMap((collection) => [collection, balance])]
  return { contracts, deployless: true, batchSize: 0 } as const
}

type Answers = readonly {
  readonly result?: unknown
  readonly error?: Error | undefined
}[]

/** What the account gained by each part. Throws where one could not be tried: that does not say that nothing is due. */
function gained(parts: readonly FeesOf[], answers: Answers): FeesDue[] {
  const amounts = answers.map(({ result, error }) => {
    if (error === undefined) return result as bigint
    if (!isNothingToPay(error)) throw error
    return 0n
  })
  return parts.map((of, i) => ({ of, amount: amounts[2 * i + 2] - amounts[2 * i] }))
}

function isNothingToPay(error: Error): boolean {
  if (!(error instanceof BaseError)) return false
  const reverted = error.walk((inner) => inner instanceof ContractFunctionRevertedError)
  return (
    reverted instanceof ContractFunctionRevertedError &&
    reverted.data?.errorName === 'Delphi_NothingToPay'
  )
}
