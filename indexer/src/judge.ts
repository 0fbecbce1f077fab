import { contest, entrant, evaluation, evaluator, job, model, round } from 'ponder:schema'
import { zeroHash } from 'viem'
import { credit, on, timeOf } from './support/fold.ts'
import { entrantId, evaluationId, roundId } from './support/ids.ts'
import { textOf } from './support/json.ts'
import { bitsOf, int, plus } from './support/numbers.ts'

// `Verdict` of IContest.sol. Held is never concluded.
const VERDICTS = ['PENDING', 'PENDING', 'DECIDED', 'VOID'] as const

on('judge:EvaluatorRegistered', async ({ event, context: { db } }) => {
  const { evaluator: id, terms } = event.args
  await db.insert(evaluator).values({
    ...terms,
    id,
    // Nothing bounds them here; where Verde does, nothing can be ordered of the evaluator.
    nodes: int(terms.nodes),
    states: int(terms.states),
    steps: BigInt(terms.steps),
    interval: int(terms.interval),
    scoreState: int(terms.scoreState),
    registeredAt: timeOf(event),
    contestCount: 0,
  })
  return {}
})

on('judge:ContestOpened', async ({ event, context: { db } }) => {
  const { contest: id, opener, evaluator: by, terms } = event.args
  const { rounds } = terms
  const timestamp = timeOf(event)
  await credit(db, opener, timestamp)
  await db.insert(contest).values({
    attester: terms.attester,
    maxEntrants: terms.maxEntrants,
    entriesClose: terms.entriesClose,
    workSeconds: terms.workSeconds,
    solveSeconds: terms.solveSeconds,
    reward: terms.reward,
    stake: terms.stake,
    uri: textOf(terms.uri),
    id,
    openerId: opener,
    evaluatorId: by,
    roundCount: rounds.length,
    entrantCount: 0,
    verdict: 'PENDING',
    winners: [],
    openedAt: timestamp,
    transaction: event.transaction.hash,
  })
  for (const [number, { testSet, opensAt, orderBy }] of rounds.entries()) {
    const row = { id: roundId(id, number), contestId: id, number, testSet, opensAt, orderBy }
    await db.insert(round).values(row)
  }
  await db.update(evaluator, { id: by }).set((row) => plus(row, { contestCount: 1 }))
  return { contest: id, totals: { contests: 1 } }
})

on('judge:Entered', async ({ event, context: { db } }) => {
  const { contest: id, entrant: number, owner, commitment, provenance } = event.args
  const timestamp = timeOf(event)
  await credit(db, owner, timestamp)
  await db.insert(entrant).values({
    id: entrantId(id, number),
    contestId: id,
    number: Number(number),
    ownerId: owner,
    commitment,
    provenance: provenance === zeroHash ? null : provenance,
    scored: 0,
    isWinner: false,
    escrowReturned: 0n,
    enteredAt: timestamp,
    transaction: event.transaction.hash,
  })
  await db.update(contest, { id }).set((row) => plus(row, { entrantCount: 1 }))
  return { contest: id }
})

on('judge:EntryRevealed', async ({ event, context: { db } }) => {
  const { contest: id, entrant: number, root } = event.args
  const timestamp = timeOf(event)
  const { ownerId, provenance } = await db
    .update(entrant, { id: entrantId(id, number) })
    .set({ modelId: root, revealedAt: timestamp })
  const { entryCount } = await db
    .insert(model)
    .values({
      id: root,
      ownerId,
      provenance,
      firstRevealedAt: timestamp,
      entryCount: 1,
      wins: 0,
    })
    .onConflictDoUpdate((row) => plus(row, { entryCount: 1 }))
  return { contest: id, ...(entryCount === 1 ? { totals: { models: 1 } } : {}) }
})

on('judge:TestSetRevealed', async ({ event, context: { db } }) => {
  const { contest: id, round: number, root } = event.args
  await db.update(round, { id: roundId(id, number) }).set({ root, revealedAt: timeOf(event) })
  return { contest: id }
})

on('judge:EvaluationOrdered', async ({ event, context: { db } }) => {
  const { contest: id, entrant: number, round: r, job: jobId } = event.args
  const evaluated = evaluationId(id, number, r)
  await db.insert(evaluation).values({
    id: evaluated,
    contestId: id,
    entrantId: entrantId(id, number),
    roundId: roundId(id, r),
    jobId,
    status: 'ORDERED',
    orderedAt: timeOf(event),
  })
  await db.update(job, { id: jobId }).set({ evaluationId: evaluated })
  return { contest: id, job: jobId }
})

on('judge:EvaluationReported', async ({ event, context: { db } }) => {
  const { contest: id, entrant: number, round: r, score } = event.args
  const { jobId } = await db
    .update(evaluation, { id: evaluationId(id, number, r) })
    .set({ status: 'REPORTED', score, endedAt: timeOf(event) })
  await db
    .update(entrant, { id: entrantId(id, number) })
    .set((row) => ({ scored: row.scored + 1, total: (row.total ?? 0n) + BigInt(score) }))
  return { contest: id, job: jobId }
})

on('judge:NoticeGiven', async ({ event, context: { db } }) => {
  const { contest: id, entrant: number, round: r, reportBy } = event.args
  const { jobId } = await db
    .update(evaluation, { id: evaluationId(id, number, r) })
    .set({ reportBy: Number(reportBy) })
  return { contest: id, job: jobId }
})

on('judge:EvaluationDropped', async ({ event, context: { db } }) => {
  const { contest: id, entrant: number, round: r } = event.args
  const { jobId } = await db
    .update(evaluation, { id: evaluationId(id, number, r) })
    .set({ status: 'DROPPED', endedAt: timeOf(event) })
  return { contest: id, job: jobId }
})

on('judge:Concluded', async ({ event, context: { db } }) => {
  const { contest: id, verdict, winners: word } = event.args
  const { entrantCount } = (await db.find(contest, { id }))!
  const winners = bitsOf(word, entrantCount)
  await db
    .update(contest, { id })
    .set({ verdict: VERDICTS[verdict], winners, concludedAt: timeOf(event) })
  for (const number of winners) {
    const { modelId } = await db
      .update(entrant, { id: entrantId(id, number) })
      .set({ isWinner: true })
    if (modelId !== null) {
      await db.update(model, { id: modelId }).set((row) => plus(row, { wins: 1 }))
    }
  }
  return { contest: id }
})

on('judge:EscrowReturned', async ({ event, context: { db } }) => {
  const { contest: id, entrant: number, amount } = event.args
  await db
    .update(entrant, { id: entrantId(id, number) })
    .set((row) => plus(row, { escrowReturned: amount }))
  return { contest: id }
})
