import { verdeAbi } from '@lockstep/deployments'
import { CLAIM_STATUSES, type ClaimStatus } from '@lockstep/deployments/protocol'
import type { Address, Hash } from 'viem'
import type { Computation } from '../trace/work.ts'
import { type Clocks, toClocks } from './clocks.ts'
import type { Contracts } from './contracts.ts'

/** A claim as the contract stores it: `Claim` of IVerde.sol, as far as keepers need it. */
export interface Claim {
  readonly id: bigint
  readonly status: ClaimStatus
  readonly computation: Hash
  readonly checkpointRoot: Hash
  readonly finalStateRoot: Hash
  readonly solver: Address
  readonly delegate: Address
  readonly vault: Address
  readonly lockId: Hash
  readonly bondWei: bigint
  readonly windowEnd: bigint
  readonly clocks: Clocks
  /** Disputes so far; their ids are the claim's, shifted, with the place below. */
  readonly disputes: number
  /** Places below this one are decided and paid. */
  readonly cursor: number
}

export async function readClaim({ chain, verde }: Contracts, id: bigint): Promise<Claim> {
  const contract = { abi: verdeAbi, address: verde } as const
  const [claim, status] = await Promise.all([
    chain.client.readContract({ ...contract, functionName: 'claimOf', args: [id] }),
    chain.client.readContract({ ...contract, functionName: 'statusOf', args: [id] }),
  ])
  return {
    id,
    status: CLAIM_STATUSES[status] ?? 'none',
    computation: claim.computation,
    checkpointRoot: claim.checkpointRoot,
    finalStateRoot: claim.finalStateRoot,
    solver: claim.solver,
    delegate: claim.delegate,
    vault: claim.vault,
    lockId: claim.lockId,
    bondWei: claim.bondWei,
    windowEnd: BigInt(claim.windowEnd),
    clocks: toClocks(claim),
    disputes: claim.count,
    cursor: claim.cursor,
  }
}

/** The dispute at a place of a claim. */
export const disputeAt = (claim: bigint, place: number): bigint => (claim << 32n) | BigInt(place)
export const claimOfDispute = (dispute: bigint): bigint => dispute >> 32n

/** Ids of all claims made in a range of blocks, with their block. */
export async function readClaimIds(
  { history }: Contracts,
  from: bigint,
  to: bigint,
): Promise<{ id: bigint; block: bigint }[]> {
  const made = await history.events('ClaimMade', {}, to)
  return made
    .filter(({ blockNumber }) => blockNumber >= from)
    .map(({ args, blockNumber }) => ({ id: args.claim, block: blockNumber }))
}

export async function readComputation({ chain, verde }: Contracts, id: Hash): Promise<Computation> {
  return chain.client.readContract({
    abi: verdeAbi,
    address: verde,
    functionName: 'computationOf',
    args: [id],
  })
}
