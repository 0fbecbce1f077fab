import type {
  Abi,
  Address,
  ContractEventName,
  GetContractEventsReturnType,
  PublicClient,
} from 'viem'
import { fail, oneLine } from '../errors.ts'

const RANGE_BLOCKS = 5_000n

/**
 * All events of one kind in blocks `from` … `to`, in order, asked for in ranges that shrink where an endpoint
 * refuses to answer as much at once.
 */
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
  const found: unknown[] = []
  let size = RANGE_BLOCKS
  for (let first = from; first <= to; ) {
    const last = first + size - 1n < to ? first + size - 1n : to
    try {
      const logs = await client.getContractEvents({
        ...(filter as object as { abi: Abi; address: Address }),
        fromBlock: first,
        toBlock: last,
        strict: true,
      })
      for (const log of logs) {
        if (
          log.address.toLowerCase() !== filter.address.toLowerCase() ||
          log.blockNumber < first ||
          log.blockNumber > last
        ) {
          throw fail.lyingRpc({
            what: 'the endpoint answered with events that were not asked for',
            where: `${filter.eventName} in blocks ${first} to ${last}`,
            advice: 'use another --rpc',
          })
        }
      }
      found.push(...logs)
      first = last + 1n
    } catch (error) {
      // Limits on ranges and results come in many wordings; only a network failure never gets better this way.
      if (size === 1n || !/range|limit|too many|more than|10000|exceed|large/i.test(oneLine(error)))
        throw error
      size = size / 4n || 1n
    }
  }
  return found as GetContractEventsReturnType<A, N, true>
}
