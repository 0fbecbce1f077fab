import { judgeAbi, verdeAbi } from '@lockstep/deployments'
import { CLAIM_STATUSES, type ClaimStatus } from '@lockstep/deployments/protocol'
import type { Contest, Evaluation } from './contests.ts'
import type { Contracts } from './contracts.ts'
import { type Job, readJobs } from './jobs.ts'
import { readMany } from './many.ts'

/** The job of an evaluation that was neither reported nor dropped. */
export interface EvaluationJob {
  readonly evaluation: Evaluation
  readonly job: Job
  /** Of the job's claim, if it is claimed. */
  readonly claim: ClaimStatus | undefined
  /** When notice was given, unix seconds; 0 if it was not. */
  readonly noticeAt: number
}

/** The jobs of a contest's pending evaluations, and how their claims stand. */
export async function readEvaluationJobs(
  contracts: Contracts,
  { evaluations }: Contest,
): Promise<EvaluationJob[]> {
  const { chain, verde, judge } = contracts
  const pending = evaluations.filter(({ isPending }) => isPending)
  const jobs = await readJobs(
    contracts,
    pending.map(({ job }) => job),
  )
  const [claimed, settled] = [
    jobs.filter(({ status }) => status === 'claimed'),
    jobs.filter(({ status }) => status === 'settled'),
  ]
  const [statuses, notices] = await Promise.all([
    readMany(
      chain,
      { abi: verdeAbi, address: verde, functionName: 'statusOf' },
      claimed.map(({ claim }) => [claim] as const),
    ),
    readMany(
      chain,
      { abi: judgeAbi, address: judge, functionName: 'noticeOf' },
      settled.map(({ id }) => [id] as const),
    ),
  ])
  const claimOf = new Map(claimed.map(({ id }, i) => [id, CLAIM_STATUSES[statuses[i]]]))
  const noticeOf = new Map(settled.map(({ id }, i) => [id, Number(notices[i])]))
  return pending.map((evaluation, i) => ({
    evaluation,
    job: jobs[i],
    claim: claimOf.get(jobs[i].id),
    noticeAt: noticeOf.get(jobs[i].id) ?? 0,
  }))
}
