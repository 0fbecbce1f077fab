import { delphiAbi } from '@lockstep/deployments/abis'
import {
  type ContractFunctionName,
  decodeFunctionData,
  getAbiItem,
  type Hex,
  slice,
  toFunctionSelector,
} from 'viem'

/** A function of Delphi that changes something. */
export type Call = ContractFunctionName<typeof delphiAbi, 'nonpayable' | 'payable'>

const MULTICALL = [getAbiItem({ abi: delphiAbi, name: 'multicall' })] as const

const NAMES: ReadonlyMap<Hex, Call> = new Map(
  delphiAbi.flatMap((item) =>
    item.type === 'function' && item.stateMutability !== 'view' && item.stateMutability !== 'pure'
      ? [[toFunctionSelector(item), item.name] as const]
      : [],
  ),
)

/** The calls in a transaction of the panel, a `multicall` to Delphi; undefined for anything else. */
export function callsIn(data: Hex): readonly Hex[] | undefined {
  try {
    return decodeFunctionData({ abi: MULTICALL, data }).args[0]
  } catch {
    return undefined
  }
}

/** The function of Delphi that is called; undefined for none. */
export const functionOf = (call: Hex): Call | undefined =>
  call.length < 10 ? undefined : NAMES.get(slice(call, 0, 4))
