import type { Chain } from './connect.ts'

// So many requests at a time.
const AT_ONCE = 32

/** When the blocks of these events were made, unix seconds: as the endpoint says with the event, or asked for. */
export async function readTimes(
  { client }: Chain,
  events: readonly {
    readonly blockNumber: bigint
    readonly blockTimestamp?: bigint | null | undefined
  }[],
): Promise<number[]> {
  const times = new Map<bigint, number>()
  for (const { blockNumber, blockTimestamp } of events) {
    if (typeof blockTimestamp === 'bigint') times.set(blockNumber, Number(blockTimestamp))
  }
  const asked = [...new Set(events.map(({ blockNumber }) => blockNumber))].filter(
    (number) => !times.has(number),
  )
  for (let first = 0; first < asked.length; first += AT_ONCE) {
    const part = asked.slice(first, first + AT_ONCE)
    const blocks = await Promise.all(part.map((blockNumber) => client.getBlock({ blockNumber })))
    for (const { number, timestamp } of blocks) times.set(number, Number(timestamp))
  }
  return events.map(({ blockNumber }) => times.get(blockNumber)!)
}
