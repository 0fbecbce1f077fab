import { verdeAbi } from '@lockstep/deployments'
import { MOVES } from '@lockstep/deployments/protocol'
import { decodeFunctionData, type Hash } from 'viem'
import type { Contracts } from './contracts.ts'
import { type Dispute, readDispute } from './disputes.ts'
import { l1FeeWei } from './l1-fee.ts'
import { readEvents } from './logs.ts'

/** What was walked down to; fields that the walk did not reach are absent. */
export interface DisputePath {
  /** The interval between checkpoints `checkpoint` and `checkpoint` + 1. */
  readonly checkpoint?: number
  readonly step?: number
  readonly node?: number
  readonly element?: number
  readonly segment?: number
}

/** One transaction of a dispute, of either side. */
export interface DisputeTransaction {
  readonly move: string
  readonly hash: Hash
  readonly gas: bigint
  /** L1 data fee in wei; undefined on chains without one. */
  readonly l1FeeWei: bigint | undefined
}

/** Everything that the chain shows of a dispute, for people and for `--json`. */
export interface DisputeReport {
  readonly dispute: Dispute
  readonly winner: 'challenger' | 'solver' | undefined
  readonly path: DisputePath
  readonly transactions: readonly DisputeTransaction[]
  /** Gas of all transactions together. */
  readonly gas: bigint
  /** L1 data fees of all of them in wei; undefined on chains without one. */
  readonly l1FeeWei: bigint | undefined
  /** $AI wei, if this dispute voided the claim. */
  readonly slashed: bigint
  /** $AI wei that this dispute's challenger was paid. */
  readonly reward: bigint
}

export async function reportDispute(
  contracts: Contracts,
  id: bigint,
  from: bigint,
): Promise<DisputeReport> {
  const { chain, verde } = contracts
  const dispute = await readDispute(contracts, id, from)
  const to = await chain.client.getBlockNumber({ cacheTime: 0 })
  const shared = { abi: verdeAbi, address: verde } as const
  const args = { dispute: id }
  const events = <N extends 'DisputeDecided' | 'ClaimVoided' | 'RewardPaid' | 'CostsPaid'>(
    eventName: N,
  ) => readEvents(chain.client, { ...shared, eventName, args }, from, to)
  const [decided, voided, rewards, costs, transactions] = await Promise.all([
    events('DisputeDecided'),
    events('ClaimVoided'),
    events('RewardPaid'),
    events('CostsPaid'),
    readTransactions(contracts, dispute, to),
  ])
  const reason = decided.at(0)
  const last = reason && (await chain.client.getTransaction({ hash: reason.transactionHash }))
  if (reason !== undefined && last !== undefined) {
    transactions.push({
      move: MOVES.get(reason.args.reason) ?? reason.args.reason,
      hash: last.hash,
    })
  }
  const priced = await Promise.all(
    transactions.map(async ({ move, hash }) => {
      const [receipt, transaction] = await Promise.all([
        chain.client.getTransactionReceipt({ hash }),
        chain.client.getTransaction({ hash }),
      ])
      const feeWei = await l1FeeWei(chain.client, transaction, receipt)
      return { move, hash, gas: receipt.gasUsed, l1FeeWei: feeWei }
    }),
  )
  // A contract may make several moves in one transaction.
  const paid = [...new Map(priced.map((transaction) => [transaction.hash, transaction])).values()]
  const feesWei = paid.flatMap((transaction) => transaction.l1FeeWei ?? [])
  const won = reason?.args.challengerWon
  return {
    dispute,
    winner: won === undefined ? undefined : won ? 'challenger' : 'solver',
    path: pathOf(dispute, last?.input),
    transactions: priced,
    gas: sum(paid.map(({ gas }) => gas)),
    l1FeeWei: feesWei.length === 0 ? undefined : sum(feesWei),
    slashed: sum(
      voided.flatMap(({ args: { reserved, toChallenger, burned, toTreasury } }) => [
        ...[reserved, toChallenger, burned, toTreasury],
      ]),
    ),
    reward: sum([...rewards, ...costs].map(({ args: { amount } }) => amount)),
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)

/** The moves of both sides in order, the claim's answers that this dispute waited for included. */
async function readTransactions(
  { history }: Contracts,
  dispute: Dispute,
  to: bigint,
): Promise<{ move: string; hash: Hash }[]> {
  const { claim, position, moves } = dispute
  const [steps, graphs] = await Promise.all([
    history.events('StepsCommitted', { claim, interval: position.interval }, to),
    history.events('GraphCommitted', { claim, step: position.step }, to),
  ])
  const walked = new Set(moves.map((move) => move.position.phase))
  const answers = [
    ...(walked.has('steps') ? steps.map((log) => ({ move: 'commitSteps', log })) : []),
    ...(walked.has('graph') ? graphs.map((log) => ({ move: 'commitGraph', log })) : []),
  ]
  return [
    ...moves.map(({ name, transaction, block }) => ({ move: name, hash: transaction, block })),
    ...answers.map(({ move, log }) => ({
      move,
      hash: log.transactionHash,
      block: log.blockNumber,
    })),
  ]
    .sort((a, b) => Number(a.block - b.block))
    .map(({ move, hash }) => ({ move, hash }))
}

/** The position, and what the move that decided the dispute opened without leaving a position behind. */
function pathOf({ position }: Dispute, input: `0x${string}` | undefined): DisputePath {
  const { phase } = position
  if (phase === 'checkpoints') return {}
  const reached = ['steps', 'graph', 'element', 'partials', 'pick', 'proof'].indexOf(phase)
  const path = {
    checkpoint: position.interval,
    ...(reached >= 1 ? { step: position.step } : {}),
    ...(reached >= 2 ? { node: position.node } : {}),
    ...(reached >= 3 ? { element: position.element, segment: position.segment } : {}),
  }
  if (input === undefined) return path
  try {
    const call = decodeFunctionData({ abi: verdeAbi, data: input })
    if (call.functionName === 'proveElement') {
      return { ...path, node: call.args[3].node, element: call.args[4].element, segment: 0 }
    }
    if (call.functionName === 'provePartial') {
      return { ...path, segment: 256 * position.segment + call.args[3] }
    }
  } catch {
    // Sent through another contract: the position says how far the walk had come before.
  }
  return path
}
