import { planPage } from '../data/page.ts'
import type { RowOf } from '../data/rows.ts'
import type { Context } from '../schema/context.ts'
import { type Computed, get, timeLeft } from './computed.ts'

/** Checkpoints of a run: one at the beginning, and one after every interval, the last of which may be shorter. */
const checkpoints: Computed<'computation'> = ({ steps, interval }) => {
  const every = BigInt(interval)
  return (steps + every - 1n) / every + 1n
}

export interface JobClock {
  readonly waitsFor: 'SOLVER' | 'CLAIM' | 'WINDOW' | 'DISPUTE' | 'TRANSACTION'
  readonly until?: number
  readonly secondsLeft?: number
}

/** What a job waits for (docs/spec/jobs-and-stake.md, section 2): a move in the second of a deadline is in time. */
export async function clockOf(job: RowOf<'job'>, context: Context): Promise<JobClock | null> {
  const now = await context.now()
  const until = (waitsFor: JobClock['waitsFor'], last: number): JobClock =>
    now > last
      ? { waitsFor: 'TRANSACTION' }
      : { waitsFor, until: last, secondsLeft: timeLeft(last, now) }
  switch (job.status) {
    case 'OPEN':
      return until('SOLVER', job.deadline)
    case 'TAKEN':
      return until('CLAIM', job.takenAt! + job.workSeconds)
    case 'CLAIMED': {
      const claim = await get(context, 'claim', job.claimId!)
      if (claim.isVoid) return { waitsFor: 'TRANSACTION' }
      if (claim.disputesActive > 0) return { waitsFor: 'DISPUTE' }
      return until('WINDOW', claim.windowEnd)
    }
    default:
      return null
  }
}

const clock: Computed<'job'> = (job, _, context) => clockOf(job, context)

const lifeline: Computed<'job', { first?: number; after?: string }> = (
  job,
  { first, after },
  { loaders, filters, tables },
  { fieldNodes },
) => {
  const events = tables.get('Event')!
  return loaders.listOf(
    fieldNodes[0],
    () =>
      planPage(
        events,
        filters,
        { first: first ?? null, after: after ?? null },
        { orderBy: 'id', direction: 'asc' },
      ),
    events.column(events.field('job')),
    job.id,
  )
}

/** docs/spec/verde.md, section 2. */
const status: Computed<'claim'> = async ({ isVoid, disputesActive, windowEnd }, _, context) => {
  if (isVoid) return 'VOID'
  return disputesActive > 0 || (await context.now()) <= windowEnd ? 'PENDING' : 'UPHELD'
}

export const work = {
  Computation: { checkpoints },
  Job: { clock, lifeline },
  Claim: { status },
}
