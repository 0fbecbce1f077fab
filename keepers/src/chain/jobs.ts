import { jobRegistryAbi, stakeVaultAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import { JOB_STATUSES, type JobStatus } from '@lockstep/deployments/protocol'
import { type Address, type Hash, zeroAddress } from 'viem'
import type { Contracts } from './contracts.ts'
import { readMany } from './many.ts'

/** A job as the contract stores it. Amounts are $AI wei, times unix seconds. */
export interface Job {
  readonly id: bigint
  readonly status: JobStatus
  readonly submitter: Address
  readonly computation: Hash
  readonly vault: Address
  readonly reward: bigint
  readonly stake: bigint
  readonly takenAt: number
  readonly workSeconds: number
  readonly deadline: number
  readonly attempt: number
  readonly claim: bigint
}

export async function readJob({ chain, jobRegistry }: Contracts, id: bigint): Promise<Job> {
  const contract = { abi: jobRegistryAbi, address: jobRegistry } as const
  const job = await chain.client.readContract({ ...contract, functionName: 'jobs', args: [id] })
  return { ...job, id, status: JOB_STATUSES[job.status] ?? 'none' }
}

/** Many jobs in a few requests. */
export async function readJobs(
  { chain, jobRegistry }: Contracts,
  ids: readonly bigint[],
): Promise<Job[]> {
  const contract = { abi: jobRegistryAbi, address: jobRegistry, functionName: 'jobs' } as const
  const jobs = await readMany(
    chain,
    contract,
    ids.map((id) => [id] as const),
  )
  return jobs.map((job, i) => ({ ...job, id: ids[i], status: JOB_STATUSES[job.status] ?? 'none' }))
}

export function readJobCount({ chain, jobRegistry }: Contracts): Promise<bigint> {
  return chain.client.readContract({
    abi: jobRegistryAbi,
    address: jobRegistry,
    functionName: 'jobCount',
  })
}

/** Where the job's submitter says its artifacts can be fetched. */
export async function readJobUri(
  { history }: Contracts,
  job: bigint,
  to: bigint,
): Promise<string | undefined> {
  return (await history.events('JobPosted', { job }, to)).at(0)?.args.terms.uri
}

/** Every claim that was made for a job or for all of them, in order. */
export async function readJobClaims(
  { history }: Contracts,
  args: { job?: bigint; claim?: bigint },
  to: bigint,
): Promise<{ job: bigint; attempt: number; claim: bigint; block: bigint }[]> {
  const made = await history.events('JobClaimed', args, to)
  return made.map(({ args: { job, attempt, claim }, blockNumber: block }) => ({
    ...{ job, attempt, claim, block },
  }))
}

/** A staking vault: who runs it, what stands behind its work, and what of that no lock holds. */
export interface Vault {
  readonly address: Address
  readonly operator: Address
  readonly assets: bigint
  readonly freeAssets: bigint
}

/** An operator's vault; undefined if it has none. */
export async function readVault(
  { chain, stakeVaultFactory }: Contracts,
  operator: Address,
  chosen?: Address,
): Promise<Vault | undefined> {
  const address =
    chosen ??
    (await chain.client.readContract({
      abi: stakeVaultFactoryAbi,
      address: stakeVaultFactory,
      functionName: 'vaultOf',
      args: [operator],
    }))
  if (address === zeroAddress) return undefined
  const contract = { abi: stakeVaultAbi, address } as const
  const [owner, selfBond, delegated, freeAssets] = await Promise.all([
    chain.client.readContract({ ...contract, functionName: 'operator' }),
    chain.client.readContract({ ...contract, functionName: 'selfBond' }),
    chain.client.readContract({ ...contract, functionName: 'totalAssets' }),
    chain.client.readContract({ ...contract, functionName: 'freeAssets' }),
  ])
  return { address, operator: owner, assets: selfBond + delegated, freeAssets }
}
