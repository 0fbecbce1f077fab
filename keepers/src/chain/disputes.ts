import { verdeAbi } from '@lockstep/deployments'
import {
  DISPUTE_STATUSES,
  type DisputeStatus,
  MOVES,
  type PackedPosition,
  type Position,
  unpackPosition,
} from '@lockstep/deployments/protocol'
import { type Address, type Hash, type Hex, zeroHash } from 'viem'
import { fail, type LockstepError } from '../errors.ts'
import { claimOfDispute } from './claims.ts'
import type { Contracts } from './contracts.ts'
import { readEvents } from './logs.ts'
import { revertReason } from './transact.ts'

/** The solver's answer that Steps or Graph waits for; zeros where the claim holds none. */
export interface Answer {
  readonly root: Hash
  readonly time: number
}

export const NO_ANSWER: Answer = { root: zeroHash, time: 0 }

/** A move that was made, as its events show it. */
export interface MadeMove {
  /** The function that was called, such as `pickStep`. */
  readonly name: string
  /** Where the dispute stood after it. */
  readonly position: Position
  readonly transaction: Hash
  readonly block: bigint
  /** What a reveal showed. */
  readonly row?: readonly Hash[]
  readonly leaf?: Hex
  /** What commitPartials posted. */
  readonly partials?: Hex
}

/** A dispute as the chain shows it now. */
export interface Dispute {
  readonly id: bigint
  readonly claim: bigint
  readonly place: number
  readonly challenger: Address
  readonly status: DisputeStatus
  /** All moves in order; the first is the challenge. */
  readonly moves: readonly MadeMove[]
  /** Where it stands (or stood last), checked against the hash that the contract stores. */
  readonly position: Position
  readonly answer: Answer
  /** Who owes the next move and until when, while the dispute is live. */
  readonly turn: { readonly solver: boolean; readonly deadline: number } | undefined
}

/** Whether a dispute is not decided yet. */
export const isOpen = ({ status }: Pick<Dispute, 'status'>): boolean =>
  status === 'live' || status === 'queued'

/** Whose a dispute is and whether it is decided, without its moves. */
export async function readStatus(
  { chain, verde }: Contracts,
  id: bigint,
): Promise<Pick<Dispute, 'challenger' | 'status'>> {
  const [, , challenger, status] = await chain.client.readContract({
    abi: verdeAbi,
    address: verde,
    functionName: 'disputeOf',
    args: [id],
  })
  return { challenger, status: DISPUTE_STATUSES[status] ?? 'none' }
}

/** Of a dispute, before an endpoint is said to keep events back. */
const LAST_LOOK = 3

/** Reads a dispute; `from` is the block of its claim. */
export async function readDispute(
  contracts: Contracts,
  id: bigint,
  from: bigint,
): Promise<Dispute> {
  const { chain, verde } = contracts
  const contract = { abi: verdeAbi, address: verde } as const
  // A dispute can move between two reads, or a node answer of a later block than it was asked for; then events and
  // storage differ, and another look settles it.
  for (let look = 0; ; look++) {
    const to = await chain.client.getBlockNumber({ cacheTime: 0 })
    const [stored, moves] = await Promise.all([
      chain.client.readContract({
        ...contract,
        functionName: 'disputeOf',
        args: [id],
        blockNumber: to,
      }),
      readMoves(contracts, id, from, to),
    ])
    const [claim, place, challenger, statusIndex, , positionHash] = stored
    const status = DISPUTE_STATUSES[statusIndex] ?? 'none'
    const position = moves.at(-1)?.position
    if (position === undefined || (position.hash !== positionHash && positionHash !== zeroHash)) {
      if (look < LAST_LOOK) continue
      const place = position?.hash ?? 'no position'
      throw hidden(id, `the events put it at ${place}, the contract at ${positionHash}`)
    }
    const answer = await readAnswer(contracts, claim, position, to)
    const dispute = { id, claim, place, challenger, status, moves, position, answer }
    if (status !== 'live') return { ...dispute, turn: undefined }
    try {
      const [solver, deadline] = await chain.client.readContract({
        ...contract,
        functionName: 'owedBy',
        args: [id, position.packed, answer],
        blockNumber: to,
      })
      return { ...dispute, turn: { solver, deadline } }
    } catch (error) {
      if (revertReason(error)?.startsWith('Verde_WrongAnswer') !== true) throw error
      if (look < LAST_LOOK) continue
      contracts.history.restart()
      throw hidden(id, "there is no event of the solver's answer")
    }
  }
}

function hidden(dispute: bigint, what: string): LockstepError {
  const advice = 'use an --rpc that serves all events: nothing can be answered with this one'
  return fail.lyingRpc({ what, where: `dispute ${dispute}`, advice })
}

/** All moves of a dispute. Data that a move published precedes its `Moved` in the same transaction. */
async function readMoves(
  contracts: Contracts,
  dispute: bigint,
  from: bigint,
  to: bigint,
): Promise<MadeMove[]> {
  const { chain, verde } = contracts
  const shared = { abi: verdeAbi, address: verde } as const
  const args = { dispute }
  const opening = {
    ...shared,
    eventName: 'Challenged',
    args: { claim: claimOfDispute(dispute), dispute },
  } as const
  const [opened, ...followed] = await Promise.all([
    readEvents(chain.client, opening, from, to),
    readEvents(chain.client, { ...shared, eventName: 'Moved', args } as const, from, to),
    readEvents(chain.client, { ...shared, eventName: 'Revealed', args } as const, from, to),
    readEvents(chain.client, { ...shared, eventName: 'RevealedLeaf', args } as const, from, to),
    readEvents(
      chain.client,
      { ...shared, eventName: 'PartialsCommitted', args } as const,
      from,
      to,
    ),
  ])
  const moves: MadeMove[] = opened.map((log) => ({
    name: 'challenge',
    position: unpackPosition(log.args.position as unknown as PackedPosition),
    transaction: log.transactionHash,
    block: log.blockNumber,
  }))
  let data: Pick<MadeMove, 'row' | 'leaf' | 'partials'> = {}
  const inOrder = followed
    .flat()
    .sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
  for (const log of inOrder) {
    switch (log.eventName) {
      case 'Revealed':
        data = { row: log.args.row }
        break
      case 'RevealedLeaf':
        data = { leaf: log.args.data }
        break
      case 'PartialsCommitted':
        data = { partials: log.args.values }
        break
      case 'Moved':
        moves.push({
          name: MOVES.get(log.args.move) ?? log.args.move,
          position: unpackPosition(log.args.position as unknown as PackedPosition),
          transaction: log.transactionHash,
          block: log.blockNumber,
          ...data,
        })
        data = {}
    }
  }
  return moves
}

/** The claim's answer for the step or interval at which a dispute stands. */
async function readAnswer(
  { history }: Contracts,
  claim: bigint,
  { phase, interval, step }: Position,
  to: bigint,
): Promise<Answer> {
  if (phase !== 'steps' && phase !== 'graph') return NO_ANSWER
  const answers =
    phase === 'steps'
      ? await history.events('StepsCommitted', { claim, interval }, to)
      : await history.events('GraphCommitted', { claim, step }, to)
  const last = answers.at(-1)
  return last === undefined ? NO_ANSWER : { root: last.args.root, time: last.args.time }
}
