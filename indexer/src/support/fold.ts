import { type EventNames, type IndexingFunctionArgs, ponder } from 'ponder:registry'
import { account, event as events, network, networkDay } from 'ponder:schema'
import type { Address, Hash } from 'viem'
import { eventId } from './ids.ts'
import { plain } from './json.ts'
import { plus, type Sums } from './numbers.ts'

export type Db = IndexingFunctionArgs<'token:Transfer'>['context']['db']

/** What an event is about, and what it adds to the totals. */
export interface Folded {
  readonly job?: bigint | null | undefined
  readonly claim?: bigint | null | undefined
  readonly dispute?: bigint | null | undefined
  readonly vault?: Address | null | undefined
  readonly contest?: bigint | null | undefined
  readonly market?: bigint | null | undefined
  readonly series?: bigint | null | undefined
  readonly totals?: Sums<typeof network.$inferSelect>
  readonly today?: Sums<typeof networkDay.$inferSelect>
}

/** The parts of an event that every contract's have. */
export interface Happening {
  readonly args: unknown
  readonly log: { readonly address: Address; readonly logIndex: number }
  readonly block: { readonly number: bigint; readonly timestamp: bigint }
  readonly transaction: { readonly hash: Hash; readonly from: Address }
}

type Fold<Name extends EventNames> = (args: IndexingFunctionArgs<Name>) => Folded | Promise<Folded>

const known = new Set<string>()

/**
 * Folds an event of a contract into the entities; says what it is about. Then it is recorded as it was emitted, and
 * the totals grow. Everything follows from the tables and the event alone, so a reorganisation takes it back.
 */
export function on<Name extends EventNames>(name: Name, fold: Fold<Name>): void {
  known.add(name)
  const [source, title] = name.split(':')
  // Moves are followed apart from the other events of Verde, for their receipts.
  const contract = source === 'verdeMoves' ? 'verde' : source
  ponder.on(name, async (args) => {
    const happening = (args as unknown as { event: Happening }).event
    const { db, chain } = args.context as unknown as { db: Db; chain: { id: number } }
    const { totals, today, ...about } = await fold(args)
    await record(db, contract, title, happening, about)
    const timestamp = timeOf(happening)
    await db
      .update(network, { id: chain.id })
      .set((row) => ({ ...plus(row, { events: 1, ...totals }), updatedAt: timestamp }))
    if (today !== undefined) await addToDay(db, timestamp, today)
  })
}

/** Whether something folds an event already. */
export const isKnown = (name: string): boolean => known.has(name)

export const timeOf = ({ block }: Pick<Happening, 'block'>): number => Number(block.timestamp)
export const idOf = ({ block, log }: Pick<Happening, 'block' | 'log'>): string =>
  eventId(block.number, log.logIndex)

/** An account is known from when it first did or got something; `sums` are added to its own. */
export async function credit(
  db: Db,
  id: Address,
  timestamp: number,
  sums: Sums<typeof account.$inferSelect> = {},
): Promise<void> {
  // Nearly always it is there: a row that is not written need not be made.
  if (Object.keys(sums).length === 0 && (await db.find(account, { id })) !== null) return
  await db
    .insert(account)
    .values({ ...NOTHING, ...sums, id, firstSeenAt: timestamp })
    .onConflictDoUpdate((row) => plus(row, sums))
}

const NOTHING = {
  balance: 0n,
  jobsPosted: 0,
  spent: 0n,
  disputes: 0,
  disputeRewards: 0n,
  trades: 0,
  volume: 0n,
}

async function record(
  db: Db,
  contract: string,
  name: string,
  happening: Happening,
  about: Omit<Folded, 'totals' | 'today'>,
): Promise<void> {
  const { args, block, log, transaction } = happening
  const timestamp = timeOf(happening)
  await credit(db, transaction.from, timestamp)
  await db.insert(events).values({
    id: eventId(block.number, log.logIndex),
    contract,
    address: log.address,
    name,
    args: plain(args ?? {}),
    block: block.number,
    timestamp,
    transaction: transaction.hash,
    logIndex: log.logIndex,
    sender: transaction.from,
    jobId: about.job ?? null,
    claimId: about.claim ?? null,
    disputeId: about.dispute ?? null,
    vaultId: about.vault ?? null,
    contestId: about.contest ?? null,
    marketId: about.market ?? null,
    seriesId: about.series ?? null,
  })
}

const DAY = 86_400

async function addToDay(
  db: Db,
  timestamp: number,
  sums: Sums<typeof networkDay.$inferSelect>,
): Promise<void> {
  const id = Math.floor(timestamp / DAY)
  await db
    .insert(networkDay)
    .values({
      jobsPosted: 0,
      jobsSettled: 0,
      paid: 0n,
      disputes: 0,
      slashed: 0n,
      trades: 0,
      volume: 0n,
      ...sums,
      id,
      startsAt: id * DAY,
    })
    .onConflictDoUpdate((row) => plus(row, sums))
}
