import { delphiAbi, jobRegistryAbi, judgeAbi, perpetualAbi, verdeAbi } from '@lockstep/deployments'
import { readFileSync } from 'node:fs'
import {
  type Abi,
  type AbiEvent,
  type Address,
  type ContractEventName,
  type Hash,
  type Log,
  parseEventLogs,
  type ParseEventLogsReturnType,
  type PublicClient,
} from 'viem'
import { z } from 'zod'
import { MARKET_EVENTS } from '../delphi/replay.ts'
import { writeAtomic } from '../files/atomic.ts'
import { checkLogs } from './logs.ts'
import { inRanges } from './ranges.ts'

/** The events that keepers look up from the beginning: a few for each job, contest and market. */
export const PROTOCOL_EVENTS = [
  ...eventsOf([...jobRegistryAbi, ...verdeAbi, ...judgeAbi, ...delphiAbi] as const, [
    ...(['JobPosted', 'JobClaimed', 'ClaimMade', 'StepsCommitted', 'GraphCommitted'] as const),
    ...(['EvaluatorRegistered', 'ContestOpened', 'Entered', 'EvaluationOrdered'] as const),
    'MarketCreated',
  ]),
  ...eventsOf(perpetualAbi, ['SeriesCreated']),
]

/** Everything that changes a market's quantities, or pays from it: the events that move its money. */
export const MONEY_EVENTS = [...MARKET_EVENTS, ...(['Redeemed', 'LiquidityRedeemed'] as const)]

/** What those who trade look up beside them. */
export const TRADING_EVENTS = eventsOf(delphiAbi, MONEY_EVENTS)

function eventsOf<const A extends Abi, const N extends ContractEventName<A>>(
  abi: A,
  names: readonly N[],
): Extract<A[number], { type: 'event'; name: N }>[] {
  return abi.filter(
    (item): item is Extract<A[number], { type: 'event'; name: N }> =>
      item.type === 'event' && (names as readonly string[]).includes(item.name),
  )
}

type AnyEvent<E extends readonly AbiEvent[]> = ParseEventLogsReturnType<
  E,
  ContractEventName<E>,
  true
>[number]
export type EventOf<E extends readonly AbiEvent[], N extends E[number]['name']> = Extract<
  AnyEvent<E>,
  { eventName: N }
>
export type KeptEvent<N extends (typeof PROTOCOL_EVENTS)[number]['name']> = EventOf<
  typeof PROTOCOL_EVENTS,
  N
>
export type TradingEvent<N extends (typeof TRADING_EVENTS)[number]['name']> = EventOf<
  typeof TRADING_EVENTS,
  N
>

// Read again each time: small reorganisations happen, and nodes behind one address differ by a few blocks.
const OVERLAP = 32n
// Anchors are so far apart, and so many are kept: a reorganisation below all of them means reading everything again.
const STRIDE = 64n
const ANCHORS = 16
// Without events in between, what has been read is written down this often.
const SAVE_BLOCKS = 1_000n
const RESTART_MS = 300_000

/** A block up to which everything was read, known by its hash. */
interface Anchor {
  readonly number: bigint
  readonly hash: Hash
}

/**
 * The protocol's history as far as keepers look it up: a copy of a few kinds of events, which grows with the chain
 * and lies in a file, so that a process that starts reads only what is new. Where the chain has another block than
 * the copy was read from, the copy goes back to the last block that is the same. The file may be lost, and several
 * processes may write it: each writes a whole one. Nothing is read, the file either, before it is asked for.
 */
export class History<E extends readonly AbiEvent[] = typeof PROTOCOL_EVENTS> {
  readonly #client: PublicClient
  readonly #addresses: readonly Address[]
  readonly #from: bigint
  readonly #path: string | undefined
  readonly #kinds: E
  #isLoaded = false
  #events: AnyEvent<E>[] = []
  #anchors: Anchor[] = []
  #read: bigint
  #saved: { readonly block: bigint; readonly events: number }
  #restartable = 0
  #tail: Promise<unknown> = Promise.resolve()

  /**
   * @param addresses the contracts whose events these are
   * @param from no contract existed before this block
   * @param path the file; without it nothing outlives the process
   * @param kinds the events
   */
  constructor(
    client: PublicClient,
    addresses: readonly Address[],
    from: bigint,
    path: string | undefined,
    kinds: E,
  ) {
    this.#client = client
    this.#addresses = addresses
    this.#from = from
    this.#path = path
    this.#kinds = kinds
    this.#read = from - 1n // whatever was stored is compared with the chain first
    this.#saved = { block: this.#read, events: 0 }
  }

  /** All events of one or several kinds up to block `to` for which the given arguments are as given, in order. */
  async events<N extends E[number]['name']>(
    eventNames: N | readonly N[],
    args: Partial<EventOf<E, N>['args']>,
    to: bigint,
  ): Promise<EventOf<E, N>[]> {
    const reading = this.#tail.then(() => (to > this.#read ? this.#advance(to) : undefined))
    this.#tail = reading.catch(() => undefined)
    await reading
    const names: readonly string[] = typeof eventNames === 'string' ? [eventNames] : eventNames
    const wanted = Object.entries(args)
    return this.#events.filter(
      (event): event is EventOf<E, N> =>
        names.includes(event.eventName) &&
        event.blockNumber <= to &&
        wanted.every(([name, value]) => same((event.args as Record<string, unknown>)[name], value)),
    )
  }

  /**
   * Forgets everything, so that the next look reads all of it again: for when the contracts' storage shows that an
   * endpoint kept events back. Not again within minutes, since reading it all may take as long.
   */
  restart(): void {
    if (Date.now() < this.#restartable) return
    this.#restartable = Date.now() + RESTART_MS
    this.#tail = this.#tail.then(() => {
      this.#events = []
      this.#anchors = []
      this.#read = this.#from - 1n
      this.#saved = { block: this.#read, events: 0 }
    })
  }

  #load(): void {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const stored = this.#path === undefined ? undefined : load(this.#path, this.#of())
    if (stored === undefined) return
    this.#anchors = stored.anchors
    this.#events = this.#parse(stored.logs)
    this.#saved = { block: this.#anchors.at(-1)?.number ?? this.#read, events: this.#events.length }
  }

  async #advance(to: bigint): Promise<void> {
    this.#load()
    const base = await this.#commonBlock()
    const target = to - OVERLAP
    // Its hash first: if the chain changes before the events are read, the next look finds another hash.
    const anchor =
      target >= base + STRIDE
        ? { number: target, hash: (await this.#client.getBlock({ blockNumber: target })).hash }
        : undefined
    const fresh = await inRanges(base + 1n, to, async (fromBlock, toBlock) => {
      const address = [...this.#addresses]
      const of = { address, events: this.#kinds, strict: true } as const
      const logs = await this.#client.getLogs({ ...of, fromBlock, toBlock })
      checkLogs(logs, address, fromBlock, toBlock)
      return logs as unknown as AnyEvent<E>[]
    })
    this.#events = [...this.#events.filter(({ blockNumber }) => blockNumber <= base), ...fresh]
    this.#read = to
    if (anchor === undefined) return
    this.#anchors = [...this.#anchors, anchor].slice(-ANCHORS)
    this.#save(anchor)
  }

  /** The newest anchor that the chain still has; anchors that it no longer has are dropped. */
  async #commonBlock(): Promise<bigint> {
    for (;;) {
      const anchor = this.#anchors.at(-1)
      if (anchor === undefined) return this.#from - 1n
      const hash = await this.#client.getBlock({ blockNumber: anchor.number }).then(
        (block) => block.hash,
        (error: unknown) => {
          if (error instanceof Error && error.name === 'BlockNotFoundError') return undefined
          throw error
        },
      )
      if (hash === anchor.hash) return anchor.number
      this.#anchors.pop()
    }
  }

  #save({ number }: Anchor): void {
    const events = this.#events.filter(({ blockNumber }) => blockNumber <= number)
    if (this.#path === undefined) return
    if (events.length === this.#saved.events && number < this.#saved.block + SAVE_BLOCKS) return
    const logs = events.map(
      ({ address, topics, data, blockNumber, blockTimestamp, transactionHash, logIndex }) => ({
        ...{ address, topics, data, blockNumber, blockTimestamp, transactionHash, logIndex },
      }),
    )
    const text = JSON.stringify(
      { of: this.#of(), anchors: this.#anchors, logs },
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    )
    writeAtomic(this.#path, text)
    this.#saved = { block: number, events: events.length }
  }

  /** What a file must be a copy of to be of use: one of fewer kinds or contracts has gaps. */
  #of(): string {
    return [...this.#addresses, ...this.#kinds.map(({ name }) => name)].join(' ')
  }

  #parse(logs: z.output<typeof file>['logs']): AnyEvent<E>[] {
    const of = { abi: this.#kinds, logs: logs as unknown as Log[], strict: true } as const
    return parseEventLogs(of) as unknown as AnyEvent<E>[]
  }
}

const hex = z.custom<`0x${string}`>((value) => /^0x[0-9a-fA-F]*$/.test(String(value)))
const block = z.string().regex(/^\d+$/).transform(BigInt)
const file = z.object({
  of: z.string(),
  anchors: z.array(z.object({ number: block, hash: hex })),
  logs: z.array(
    z.object({
      address: hex,
      topics: z.array(hex).min(1),
      data: hex,
      blockNumber: block,
      blockTimestamp: block.optional(), // not every endpoint says it
      transactionHash: hex,
      logIndex: z.int(),
    }),
  ),
})

/** The stored history; undefined where there is none that can be used, since the chain has it all. */
function load(path: string, of: string): z.output<typeof file> | undefined {
  try {
    const stored = file.parse(JSON.parse(readFileSync(path, 'utf8')))
    return stored.of === of ? stored : undefined
  } catch {
    return undefined
  }
}

function same(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string'
    ? a.toLowerCase() === b.toLowerCase()
    : a === b
}
