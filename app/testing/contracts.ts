import { jobRegistryAbi, verdeAbi } from '@lockstep/deployments'
import {
  type Abi,
  type AbiParameter,
  decodeFunctionData,
  encodeFunctionResult,
  getAbiItem,
  type Hex,
  zeroAddress,
} from 'viem'
import { ADDRESSES } from './stage.ts'

/** What a view answers: by name; fields of structs that are left out are zero. */
type Views = Readonly<Record<string, ((...args: readonly never[]) => unknown) | undefined>>

const ABIS: Readonly<Record<string, Abi>> = {
  [ADDRESSES.jobRegistry]: jobRegistryAbi,
  [ADDRESSES.verde]: verdeAbi,
}

/** Answers calls of Verde and the registry of jobs as these views do; it knows no others. */
export const answering =
  (views: Views) =>
  (method: string, params: unknown): Hex | undefined => {
    if (method !== 'eth_call') return undefined
    const [{ to, data }] = params as [{ to: string; data: Hex }]
    const abi = ABIS[to.toLowerCase()] as Abi | undefined
    if (abi === undefined) return undefined
    const { functionName, args = [] } = decodeFunctionData({ abi, data })
    const view = views[functionName]
    if (view === undefined) return undefined
    const result = whole(functionName, abi, view(...(args as never[])))
    return encodeFunctionResult({ abi, functionName, result })
  }

function whole(name: string, abi: Abi, result: unknown): unknown {
  const item = getAbiItem({ abi, name })
  const [output] = item?.type === 'function' ? item.outputs : []
  if (output.type !== 'tuple') return result
  return { ...(zeroOf(output) as object), ...(result as object) }
}

function zeroOf({ type, ...rest }: AbiParameter): unknown {
  if ('components' in rest)
    return Object.fromEntries(rest.components.map((one) => [one.name, zeroOf(one)]))
  if (type === 'address') return zeroAddress
  if (type === 'bool') return false
  if (type.startsWith('bytes')) return `0x${'00'.repeat(Number(type.slice(5)))}`
  return Number(/\d+/.exec(type)![0]) > 48 ? 0n : 0
}
