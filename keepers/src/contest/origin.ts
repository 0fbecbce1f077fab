import { type Hash, MerkleTree } from '@lockstep/repops'
import { readClaim } from '../chain/claims.ts'
import type { Entrant } from '../chain/contests.ts'
import type { Contracts } from '../chain/contracts.ts'
import { readJob } from '../chain/jobs.ts'
import type { Mirror } from '../store/mirror.ts'
import { PROVENANCE_BYTES, readProvenance } from './commitments.ts'

/** Where an entry says it comes from: a state of the final state of a job. */
export interface Origin {
  readonly job: bigint
  readonly state: number
  /** Whether the job's result holds the entry; undefined where that cannot be told. */
  readonly isProven?: boolean
}

// More than 30,000 states.
const MOST_LIST_BYTES = 1 << 20

/** Where an entry comes from, as far as that is told and can be fetched; what is fetched is kept. */
export async function originOf(
  contracts: Contracts,
  mirror: Mirror,
  { provenance, root }: Pick<Entrant, 'provenance' | 'root'>,
): Promise<Origin | undefined> {
  const { chain, jobRegistry } = contracts
  const fetchList = (list: Hash, limit: number) =>
    mirror.fetch('lists', list, limit).catch(() => undefined)
  const words = provenance && (await fetchList(provenance, PROVENANCE_BYTES))
  const told = words && readProvenance(words)
  if (told?.chainId !== chain.id) return undefined
  if (told.jobRegistry.toLowerCase() !== jobRegistry.toLowerCase()) return undefined
  const { job, state } = told
  const { claim, status } = await readJob(contracts, job)
  if (status !== 'settled') return { job, state }
  const { finalStateRoot } = await readClaim(contracts, claim)
  const states = await fetchList(finalStateRoot, MOST_LIST_BYTES)
  if (states === undefined || root === undefined) return { job, state }
  const tree = new MerkleTree(states)
  return { job, state, isProven: state < tree.count && tree.leaf(state) === root }
}
