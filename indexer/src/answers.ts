// The solver's answers: they belong to the claim, and each of its disputes that waits for one is moved by it.
import { answer, claim, dispute } from 'ponder:schema'
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
  await db.insert(answer).values({
    id: answerId(claimId, kind, index),
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
  const { jobId, disputeCount } = (await db.find(claim, { id: claimId }))!
  for (let place = 0; place < disputeCount; place++) {
    const id = (claimId << 32n) | BigInt(place)
    const row = (await db.find(dispute, { id }))!
    const isUndecided = row.status === 'LIVE' || row.status === 'QUEUED'
    if (isUndecided && waitsFor(row)?.kind === kind && waitsFor(row)?.index === BigInt(index)) {
      await db.update(dispute, { id }).set(gasAfter(row, event))
    }
  }
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

/** The answer that a dispute finds given when it comes to its phase. */
export async function answerFor(
  db: Db,
  claimId: bigint,
  at: Pick<Dispute, 'phase' | 'interval' | 'step'>,
): Promise<typeof answer.$inferSelect | null> {
  const wanted = waitsFor(at)
  if (wanted === undefined) return null
  return db.find(answer, { id: answerId(claimId, wanted.kind, Number(wanted.index)) })
}
