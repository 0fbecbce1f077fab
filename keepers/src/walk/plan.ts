import type { verdeAbi } from '@lockstep/deployments'
import type { ContractFunctionArgs, ContractFunctionName } from 'viem'

type Mutability = 'nonpayable' | 'payable'

/** A call of the Verde contract that would make a move. */
export type Plan = {
  [N in ContractFunctionName<typeof verdeAbi, Mutability>]: {
    readonly functionName: N
    readonly args: ContractFunctionArgs<typeof verdeAbi, Mutability, N>
    readonly valueWei?: bigint
  }
}[ContractFunctionName<typeof verdeAbi, Mutability>]
