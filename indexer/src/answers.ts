// The solver's answers: they belong to the claim, and each of its disputes that waits for one is moved by it.
import { answer, claim, dispute, waiting } from 'ponder:schema'
import type { Hex } from 'viem'
import { type Db, on } from './support/fold.ts'
import { gasAfter, gasOnce, type Priced } from './support/gas.ts'
import { answerId } from './support/ids.ts'

type Dispute = typeof dispute.$inferSelect

on('verdeMoves:StepsCommitted', async ({ event, context: { db, chain } }) => {
  const { claim: id, interval, root, time } = event.args
  const disputeGas = await gasOnce(db, chain.id, event)
  return {
    ...(await putAnswer(db, event, id, 'steps', interval, { root, time })),
    totals: { disputeGas },
  }
})

on('verdeMoves:GraphCommitted', async ({ event, context: { db, chain } }) => {
  const { claim: id, step, root, time } = event.args
  const disputeGas = await gasOnce(db, chain.id, event)
  return {
    ...(await putAnswer(db, event, id, 'graph', step, { root, time })),
    totals: { disputeGas },
  }
})

async function putAnswer(
  db: Db,
  event: Priced,
  claimId: bigint,
  kind: 'steps' | 'graph',
  index: number,
  { root, time }: { root: Hex; time: number },
) {
  const gas = event.transactionReceipt.gasUsed
  const id = answerId(claimId, kind, index)
  await db.insert(answer).values({
    id,
    claimId,
    kind: kind === 'steps' ? 'STEPS' : 'GRAPH',
    index: BigInt(index),
    root,
    answeredAt: time,
    gas,
    block: event.block.number,
    logIndex: event.log.logIndex,
    transaction: event.transaction.hash,
  })
  let next = (await db.find(waiting, { id }))?.disputeId ?? null
  while (next !== null) {
    const row: Dispute = (await db.find(dispute, { id: next }))!
    if (row.status === 'LIVE' || row.status === 'QUEUED') {
      await db.update(dispute, { id: next }).set(gasAfter(row, event))
    }
    next = row.waitsAfter
  }
  const { jobId } = (await db.find(claim, { id: claimId }))!
  return { claim: claimId, job: jobId }
}

function waitsFor({
  phase,
  interval,
  step,
}: Pick<Dispute, 'phase' | 'interval' | 'step'>):
  | { kind: 'steps' | 'graph'; index: bigint }
  | undefined {
  if (phase === 'STEPS') return { kind: 'steps', index: interval! }
  if (phase === 'GRAPH') return { kind: 'graph', index: step! }
  return undefined
}

/** Of a dispute that comes to a phase: the answer that it finds given, or after whom it waits for it. */
export async function askAnswer(
  db: Db,
  { claimId, disputeId }: { readonly claimId: bigint; readonly disputeId: bigint },
  at: Pick<Dispute, 'phase' | 'interval' | 'step'>,
): Promise<{ found: typeof answer.$inferSelect | null; waitsAfter: bigint | null }> {
  const wanted = waitsFor(at)
  if (wanted === undefined) return { found: null, waitsAfter: null }
  const id = answerId(claimId, wanted.kind, Number(wanted.index))
  const found = await db.find(answer, { id })
  if (found !== null) return { found, waitsAfter: null }
  const waitsAfter = (await db.find(waiting, { id }))?.disputeId ?? null
  await db.insert(waiting).values({ id, disputeId }).onConflictDoUpdate({ disputeId })
  return { found, waitsAfter }
}
