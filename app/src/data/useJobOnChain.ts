import { jobRegistryAbi, verdeAbi } from '@lockstep/deployments/abis'
import {
  CLAIM_STATUSES,
  type ClaimStatus,
  JOB_STATUSES,
  type JobStatus,
} from '@lockstep/deployments/protocol'
import type { Config } from '../config/config.ts'
import type { ChainClient } from './chain.ts'
import type { Answer } from './useAnswer.ts'
import { useChainRead } from './useChainRead.ts'

/** A job as the contracts have it, and what was claimed for it. Amounts are $AI wei. */
export type JobOnChain = Awaited<ReturnType<typeof readJob>>

/** Reads a job and its claim from the contracts: what of it decides on money, or is said to be true. */
export const useJobOnChain = (id: string): Answer<JobOnChain> =>
  useChainRead(['job', id], (client, config) => readJob(client, config, BigInt(id)))

async function readJob(client: ChainClient, { contracts }: Config, id: bigint) {
  const verde = { abi: verdeAbi, address: contracts.verde } as const
  const registry = { abi: jobRegistryAbi, address: contracts.jobRegistry } as const
  const job = await client.readContract({ ...registry, functionName: 'jobs', args: [id] })
  const { reward, stake, claim } = job
  const [status, claimed, computation] = await Promise.all([
    client.readContract({ ...verde, functionName: 'statusOf', args: [claim] }),
    client.readContract({ ...verde, functionName: 'claimOf', args: [claim] }),
    client.readContract({ ...verde, functionName: 'computationOf', args: [job.computation] }),
  ])
  return {
    status: (JOB_STATUSES[job.status] ?? 'none') satisfies JobStatus,
    ...{ reward, stake, computation },
    /** Of the current or last attempt that made one; its status is `none` where there is none. */
    claim: {
      status: (CLAIM_STATUSES[status] ?? 'none') satisfies ClaimStatus,
      finalStateRoot: claimed.finalStateRoot,
    },
  }
}
