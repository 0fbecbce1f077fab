// Moves of disputes. The answers that they wait for: answers.ts.
import { MOVES, type PackedPosition, unpackPosition } from '@lockstep/deployments/protocol'
import { claim, computation, dispute, move, verdeParametersVersion } from 'ponder:schema'
import type { Hex } from 'viem'
import { askAnswer } from './answers.ts'
import { contracts } from './support/deployment.ts'
import { credit, type Db, type Happening, on, timeOf } from './support/fold.ts'
import { gasAfter, gasOnce, type Priced } from './support/gas.ts'
import { moveId } from './support/ids.ts'
import { rightBits } from './support/judge.ts'
import { nodeOf, type Shown, showOf } from './support/shown.ts'
import { reachedBy } from './support/walk.ts'
import { aboutDispute, countFor } from './verde.ts'

type Dispute = typeof dispute.$inferSelect

/** An event with what its transaction cost, and the calldata if it was sent to Verde itself. */
interface Moving extends Priced {
  readonly transaction: Happening['transaction'] & { readonly input: Hex; readonly to: Hex | null }
}

on('verdeMoves:Challenged', async ({ event, context: { db, chain } }) => {
  const { claim: claimId, dispute: id, challenger, position: packed } = event.args
  const timestamp = timeOf(event)
  const of = await db.update(claim, { id: claimId }).set(({ disputeCount, disputesActive }) => ({
    disputeCount: disputeCount + 1,
    disputesActive: disputesActive + 1,
  }))
  const { bondWei } = (await db.find(verdeParametersVersion, { id: of.parametersId }))!
  const reached = reachedBy(unpackPosition(packed))
  const first = moveId(id, 0)
  const { found, waitsAfter } = await askAnswer(db, { claimId, disputeId: id }, reached)
  await db.insert(dispute).values({
    ...reached,
    id,
    claimId,
    jobId: of.jobId,
    place: Number(id & 0xffff_ffffn),
    status: 'QUEUED',
    challengerId: challenger,
    openedAt: timestamp,
    moveCount: 1,
    ...gasAfter({ gas: 0n }, event, found),
    waitsAfter,
    bondWei,
    bondReturnedWei: 0n,
    bondToSolverWei: 0n,
    bondBurnedWei: 0n,
    reward: 0n,
    costs: 0n,
    intervalMoveId: reached.interval === null ? null : first,
    stepMoveId: reached.step === null ? null : first,
  })
  const name = reached.phase === 'CHECKPOINTS' ? 'challengeByDemand' : 'challenge'
  await putMove(db, event, id, 0, {
    name,
    side: 'CHALLENGER',
    phase: reached.phase,
    position: packed,
  })
  await credit(db, challenger, timestamp, { disputes: 1 })
  return {
    dispute: id,
    claim: claimId,
    job: of.jobId,
    totals: { disputes: 1, disputesActive: 1, disputeGas: await gasOnce(db, chain.id, event) },
    today: { disputes: 1 },
  }
})

on('verdeMoves:Moved', async ({ event, context: { db, chain } }) => {
  const { dispute: id, move: selector, position: packed } = event.args
  const shown = shownBy(event, id, 0)
  const before = (await db.find(dispute, { id }))!
  const position = unpackPosition(packed)
  const reached = reachedBy(position)
  const name = MOVES.get(selector) ?? selector
  const said = await saidOf(db, before, shown, position.node)
  const { found, waitsAfter } =
    reached.phase === before.phase
      ? { found: null, waitsAfter: before.waitsAfter }
      : await askAnswer(db, { claimId: before.claimId, disputeId: id }, reached)
  await putMove(db, event, id, before.moveCount, {
    name,
    side: SOLVERS.has(name) ? 'SOLVER' : 'CHALLENGER',
    phase: reached.phase,
    position: packed,
  })
  await db.update(dispute, { id }).set({
    ...reached,
    ...said,
    elementCount: reached.elementCount ?? said.elementCount ?? before.elementCount,
    moveCount: before.moveCount + 1,
    ...gasAfter(before, event, found),
    waitsAfter,
    ...reachedFirst(before, reached),
  })
  const disputeGas = await gasOnce(db, chain.id, event)
  return { ...(await aboutDispute(db, id)), totals: { disputeGas } }
})

on('verdeMoves:DisputeDecided', async ({ event, context: { db, chain, client } }) => {
  const { claim: claimId, dispute: id, challengerWon, reason } = event.args
  const timestamp = timeOf(event)
  const before = (await db.find(dispute, { id }))!
  const last = (await db.find(move, { id: moveId(id, before.moveCount - 1) }))!
  const position = unpackPosition(last.position as unknown as PackedPosition)
  const shown = shownBy(event, id, position.segment)
  const said = await saidOf(db, before, shown, position.node)
  const reached = {
    node: shown?.node ?? before.node,
    element: shown?.element === undefined ? before.element : BigInt(shown.element),
    segment: shown?.segment === undefined ? before.segment : BigInt(shown.segment),
    claimedBits: shown?.claimedBits ?? before.claimedBits,
  }
  const work = await computationOf(db, claimId)
  const name = MOVES.get(reason) ?? reason
  await putMove(db, event, id, before.moveCount, {
    name,
    side: challengerWon ? 'CHALLENGER' : 'SOLVER',
    phase: before.phase,
    position: last.position,
  })
  await db.update(dispute, { id }).set({
    ...reached,
    ...said,
    ...reachedFirst(before, reached),
    rightBits: await rightBits(client, contracts.referee, work, position, shown),
    status: challengerWon ? 'WON' : 'LOST',
    decidedAt: timestamp,
    decidedBy: name,
    moveCount: before.moveCount + 1,
    ...gasAfter(before, event),
  })
  const of = await db.update(claim, { id: claimId }).set((row) => ({
    disputesActive: row.disputesActive - 1,
    disputesLost: row.disputesLost + (challengerWon ? 0 : 1),
  }))
  if (!challengerWon) await countFor(db, of.vaultId, { disputesDefended: 1 })
  return {
    dispute: id,
    claim: claimId,
    job: before.jobId,
    totals: {
      disputesActive: -1,
      disputeGas: await gasOnce(db, chain.id, event),
      ...(challengerWon ? { disputesWon: 1 } : { disputesLost: 1 }),
    },
  }
})

// What a move showed comes before the event of the move, which makes the row whole.
on('verde:Revealed', async ({ event, context: { db } }) => {
  await announce(db, event, event.args.dispute, { row: [...event.args.row] })
  return aboutDispute(db, event.args.dispute)
})

on('verde:RevealedLeaf', async ({ event, context: { db } }) => {
  await announce(db, event, event.args.dispute, { leaf: event.args.data })
  return aboutDispute(db, event.args.dispute)
})

on('verde:PartialsCommitted', async ({ event, context: { db } }) => {
  await announce(db, event, event.args.dispute, { partials: event.args.values })
  return aboutDispute(db, event.args.dispute)
})

/** Functions by which the solver answers; whatever else moves a dispute serves its challenger. */
const SOLVERS = new Set(['commitSteps', 'commitGraph', 'commitPartials', 'reveal', 'revealLeaf'])

function shownBy({ transaction }: Moving, id: bigint, picked: number): Shown | undefined {
  // Both are read always: Ponder leaves out what an event's handler does not read at first.
  const { input, to } = transaction
  return to === contracts.verde.toLowerCase() ? showOf(input, id, picked) : undefined
}

async function saidOf(
  db: Db,
  { claimId }: Dispute,
  shown: Shown | undefined,
  disputed: number,
): Promise<Partial<Pick<Dispute, 'operator' | 'isInt32' | 'elementCount' | 'segmentCount'>>> {
  if (shown?.encoding === undefined) return {}
  const { states, constants } = await computationOf(db, claimId)
  return nodeOf(shown.encoding, { node: shown.node ?? disputed, states, constants }) ?? {}
}

async function computationOf(db: Db, claimId: bigint): Promise<typeof computation.$inferSelect> {
  const { computationId } = (await db.find(claim, { id: claimId }))!
  return (await db.find(computation, { id: computationId }))!
}

/** Which levels of the walk the next move was the first to reach. */
function reachedFirst(
  before: Dispute,
  now: Partial<Pick<Dispute, 'interval' | 'step' | 'node' | 'element' | 'segment'>>,
): Partial<Dispute> {
  const id = moveId(before.id, before.moveCount)
  const first: Partial<Dispute> = {}
  for (const level of ['interval', 'step', 'node', 'element', 'segment'] as const) {
    const isReached = now[level] !== null && now[level] !== undefined
    if (isReached && before[`${level}MoveId`] === null) first[`${level}MoveId`] = id
  }
  return first
}

type MoveFields = Pick<typeof move.$inferInsert, 'name' | 'side' | 'phase'> & {
  readonly position: readonly Hex[]
}

async function putMove(
  db: Db,
  event: Moving,
  disputeId: bigint,
  index: number,
  { position, ...fields }: MoveFields,
): Promise<void> {
  const row = {
    ...fields,
    position: [...position],
    gas: event.transactionReceipt.gasUsed,
  }
  await db
    .insert(move)
    .values({ ...placeOf(event, disputeId, index), ...row })
    .onConflictDoUpdate(row)
}

async function announce(
  db: Db,
  event: Happening,
  id: bigint,
  shown: Partial<Pick<typeof move.$inferInsert, 'row' | 'leaf' | 'partials'>>,
): Promise<void> {
  const { moveCount, phase } = (await db.find(dispute, { id }))!
  await db.insert(move).values({
    ...placeOf(event, id, moveCount),
    ...shown,
    name: '',
    side: 'SOLVER',
    phase,
    position: [],
    gas: 0n,
  })
}

const placeOf = (event: Happening, disputeId: bigint, index: number) => ({
  id: moveId(disputeId, index),
  disputeId,
  index,
  sender: event.transaction.from,
  block: event.block.number,
  logIndex: event.log.logIndex,
  timestamp: timeOf(event),
  transaction: event.transaction.hash,
})
