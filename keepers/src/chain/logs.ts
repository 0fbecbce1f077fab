import type {
  Abi,
  Address,
  ContractEventName,
  GetContractEventsReturnType,
  PublicClient,
} from 'viem'
import { fail } from '../errors.ts'
import { inRanges } from './ranges.ts'

/** All events of one kind in blocks `from` … `to`, in order, read from the chain. */
export async function readEvents<const A extends Abi, N extends ContractEventName<A>>(
  client: PublicClient,
  filter: {
    abi: A
    address: Address
    eventName: N
    args?: Record<string, unknown>
  },
  from: bigint,
  to: bigint,
): Promise<GetContractEventsReturnType<A, N, true>> {
  const found = await inRanges(from, to, async (fromBlock, toBlock) => {
    const logs = await client.getContractEvents({
      ...(filter as object as { abi: Abi; address: Address }),
      fromBlock,
      toBlock,
      strict: true,
    })
    checkLogs(logs, [filter.address], fromBlock, toBlock)
    return logs
  })
  return found as unknown[] as GetContractEventsReturnType<A, N, true>
}

/** Throws if an endpoint answers with events of other contracts or other blocks than it was asked for. */
export function checkLogs(
  logs: readonly { readonly address: string; readonly blockNumber: bigint | null }[],
  addresses: readonly string[],
  first: bigint,
  last: bigint,
): void {
  const wanted = new Set(addresses.map((address) => address.toLowerCase()))
  for (const { address, blockNumber } of logs) {
    if (
      wanted.has(address.toLowerCase()) &&
      blockNumber !== null &&
      blockNumber >= first &&
      blockNumber <= last
    )
      continue
    throw fail.lyingRpc({
      what: `the endpoint answered with an event of ${address} in block ${blockNumber ?? 'none'}`,
      where: `events of ${[...wanted].join(', ')} in blocks ${first} to ${last}`,
      advice: 'use another --rpc',
    })
  }
}
