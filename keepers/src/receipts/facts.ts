import { judgeAbi } from '@lockstep/deployments'
import type { ClaimStatus, JobStatus } from '@lockstep/deployments/protocol'
import { readClaim } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import { readEvents } from '../chain/logs.ts'
import { readJob, readJobClaims } from '../chain/jobs.ts'
import { fail } from '../errors.ts'
import { readScoreState } from './evaluation.ts'
import type { Receipt } from './receipt.ts'
import { computationId } from './sign.ts'

/** Where a receipt's job and claim stand on their chain. */
export interface ChainFacts {
  readonly job: JobStatus
  readonly claim: ClaimStatus
}

/**
 * Compares a receipt with its chain: docs/spec/receipts.md, section 4. Throws a `wrong-chain` where it is another one's,
 * and a `bad-receipt` where the chain knows no such claim of the job.
 */
export async function checkFacts(
  contracts: Contracts,
  receipt: Receipt,
  where: string,
): Promise<ChainFacts> {
  const { chain } = contracts
  const ours = { id: chain.id, genesis: chain.genesis, jobRegistry: contracts.jobRegistry }
  for (const name of ['id', 'genesis', 'jobRegistry'] as const) {
    if (same(receipt.chain[name], ours[name])) continue
    throw fail.wrongChain({
      what: `the receipt is of a chain with the ${name} ${receipt.chain[name]}, the endpoint serves ${ours[name]}`,
      where,
      advice: 'give the --rpc of its chain, or none to run it again without a chain',
    })
  }
  const head = await chain.head()
  const [job, claim, made] = await Promise.all([
    readJob(contracts, receipt.job),
    readClaim(contracts, receipt.claim),
    readJobClaims(contracts, { job: receipt.job }, head.number),
  ])
  const own = made.find((one) => one.claim === receipt.claim)
  const facts: [what: string, said: unknown, found: unknown][] = [
    ['computation of the job', computationId(receipt.computation), job.computation],
    ['attempt that made the claim', receipt.attempt, own?.attempt ?? 'none'],
    ['solver', receipt.solver, claim.solver],
    ['checkpoint root', receipt.checkpointRoot, claim.checkpointRoot],
    ['final state root', receipt.finalStateRoot, claim.finalStateRoot],
    ...(own === undefined
      ? []
      : await evaluationFacts(contracts, receipt, job.claim === claim.id, own.block, head.number)),
  ]
  for (const [what, said, found] of facts) {
    if (same(said, found)) continue
    throw fail.badReceipt({
      what: `the ${what} is ${String(found)} on chain ${chain.id}, the receipt says ${String(said)}`,
      where,
      advice: 'it is the receipt of another claim, or of none',
    })
  }
  return { job: job.status, claim: claim.status }
}

async function evaluationFacts(
  { chain, judge, history }: Contracts,
  { evaluation, job }: Receipt,
  isCurrent: boolean,
  from: bigint,
  to: bigint,
): Promise<[what: string, said: unknown, found: unknown][]> {
  if (evaluation === undefined) return []
  const [entrant, round] = [BigInt(evaluation.entrant), BigInt(evaluation.round)]
  const { contest } = evaluation
  const on = { abi: judgeAbi, address: judge } as const
  const [scoreState, ordered, reports] = await Promise.all([
    readScoreState({ history }, contest, to),
    chain.client.readContract({ ...on, functionName: 'jobOf', args: [contest, entrant, round] }),
    readEvents(
      chain.client,
      { ...on, eventName: 'EvaluationReported', args: { contest, entrant } },
      from,
      to,
    ),
  ])
  // What was reported is the score of the claim that the job was settled with.
  const report = isCurrent ? reports.find(({ args }) => args.round === round) : undefined
  return [
    ['judge', evaluation.judge, judge],
    ['job of the evaluation', job, ordered],
    ['state of the score', evaluation.scoreState, scoreState ?? 'none'],
    ...(report === undefined
      ? []
      : [['reported score', evaluation.score, report.args.score] as [string, unknown, unknown]]),
  ]
}

const same = (a: unknown, b: unknown): boolean =>
  String(a).toLowerCase() === String(b).toLowerCase()
