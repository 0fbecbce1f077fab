import {
  aiTokenAbi,
  delphiAbi,
  jobRegistryAbi,
  judgeAbi,
  perpetualAbi,
  refereeAbi,
  stakeVaultAbi,
  stakeVaultFactoryAbi,
  verdeAbi,
} from '@lockstep/deployments'
import {
  type Abi,
  type Address,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  decodeErrorResult,
  encodeFunctionData,
  type Hex,
  type TransactionReceipt,
} from 'viem'
import { fail, LockstepError } from '../errors.ts'
import type { Contracts } from './contracts.ts'
import { errorsOfLibraries, meaningOf } from './errors-of-libraries.ts'
import type { Sender } from './sender.ts'

const errors = (
  [
    ...verdeAbi,
    ...refereeAbi,
    ...jobRegistryAbi,
    ...stakeVaultAbi,
    ...stakeVaultFactoryAbi,
    ...aiTokenAbi,
    ...judgeAbi,
    ...delphiAbi,
    ...perpetualAbi,
    ...errorsOfLibraries,
  ] as Abi
).filter(({ type }) => type === 'error')

/** Encodes a call of one of the contracts and sends it; a revert is reported by its name and values. */
export async function transact<
  const A extends Abi,
  N extends ContractFunctionName<A, 'nonpayable' | 'payable'>,
>(
  sender: Sender,
  intent: string,
  call: {
    abi: A
    address: Address
    functionName: N
    args: ContractFunctionArgs<A, 'nonpayable' | 'payable', N>
    valueWei?: bigint
  },
): Promise<TransactionReceipt> {
  const data = encodeFunctionData({
    abi: call.abi as Abi,
    functionName: call.functionName as string,
    args: call.args as readonly unknown[],
  })
  try {
    return await sender.send(intent, {
      move: call.functionName,
      to: call.address,
      data,
      ...(call.valueWei === undefined ? {} : { valueWei: call.valueWei }),
    })
  } catch (error) {
    const reason = revertReason(error)
    if (reason === undefined) throw error
    const meaning = meaningOf(reason.split('(')[0])
    throw fail.reverted(
      {
        what: `${call.functionName} would revert with ${reason}${meaning === undefined ? '' : `: ${meaning.means}`}`,
        where: `contract ${call.address}, ${intent}`,
        advice:
          meaning === undefined
            ? 'nothing was sent; a role decides again at its next look, a command can be run again'
            : `nothing was sent; ${meaning.advice}`,
      },
      { cause: error },
    )
  }
}

/**
 * Sends a call that takes `amount` $AI wei of the sender's, after allowing its contract so much. What is allowed is
 * read each time: another call may have used what was allowed for this one.
 */
export async function transactPaying<
  const A extends Abi,
  N extends ContractFunctionName<A, 'nonpayable' | 'payable'>,
>(
  contracts: Contracts,
  sender: Sender,
  intent: string,
  amount: bigint,
  call: Parameters<typeof transact<A, N>>[2],
): Promise<TransactionReceipt> {
  if (amount > 0n && !(await sender.stands(intent)))
    await approve(contracts, sender, intent, call.address, amount)
  return transact(sender, intent, call)
}

/** Lets `spender` take so much $AI wei of the sender's, unless it may already. */
export async function approve(
  { chain, token }: Contracts,
  sender: Sender,
  intent: string,
  spender: Address,
  amount: bigint,
): Promise<void> {
  const of = { abi: aiTokenAbi, address: token } as const
  const owner = sender.address
  const allowed = { ...of, functionName: 'allowance', args: [owner, spender] } as const
  if ((await chain.client.readContract(allowed)) >= amount) return
  // Each that is mined is another act: the number of transactions so far tells them apart.
  const run = await chain.client.getTransactionCount({ address: owner })
  const approval = { ...of, functionName: 'approve', args: [spender, amount] } as const
  await transact(sender, `approve:${intent}:${run}`, approval)
}

/** The typed error inside a failed simulation: `Name(values)`; undefined if the failure is none. */
export function revertReason(error: unknown): string | undefined {
  if (error instanceof LockstepError || !(error instanceof BaseError)) return undefined
  let data: Hex | undefined
  error.walk((inner) => {
    const candidate = (inner as { data?: unknown }).data
    if (typeof candidate === 'string' && candidate.startsWith('0x')) data = candidate as Hex
    return false
  })
  if (data !== undefined && data.length >= 10) {
    try {
      // The types promise arguments; an error without any has none.
      const decoded: { errorName: string; args?: readonly unknown[] } = decodeErrorResult({
        abi: errors,
        data,
      })
      return `${decoded.errorName}(${(decoded.args ?? []).map(String).join(', ')})`
    } catch {
      return data
    }
  }
  const text = error.shortMessage
  return /revert/i.test(text) ? text : undefined
}
