import { verdeAbi } from '@lockstep/deployments'
import type { DisputeStatus } from '@lockstep/deployments/protocol'
import { formatEther } from 'viem'
import { type Claim, disputeAt } from '../chain/claims.ts'
import type { Head } from '../chain/connect.ts'
import { type Dispute, isOpen, readDispute, readStatus } from '../chain/disputes.ts'
import { revertReason } from '../chain/transact.ts'
import { callTime } from './answering.ts'
import { type Keeper, move } from './keeper.ts'

/** A claim with the own disputes of it, all of them read at the same look. */
export interface Dues {
  readonly keeper: Keeper
  readonly claim: Claim
  /** Block of the claim. */
  readonly block: bigint
  readonly disputes: readonly Dispute[]
  readonly head: Head
}

// Decided places that one transaction passes.
const SETTLED_AT_ONCE = 32

/** Brings in what is owed: rewards, costs and bonds. Returns whether more is to come. */
export async function collect(dues: Dues): Promise<boolean> {
  const { keeper, claim, disputes } = dues
  await reclaimBonds(dues)
  const unpaid = disputes.filter(({ status, place }) => status === 'won' && place >= claim.cursor)
  if (unpaid.length > 0) {
    // The reward waits for every earlier dispute.
    const first = await hurry(dues, unpaid[0].place)
    if (first === undefined || first === 'won' || first === 'lost') {
      await move(keeper, `${claim.id}:${claim.cursor}`, {
        functionName: 'settle',
        args: [claim.id, SETTLED_AT_ONCE],
      })
    }
  }
  const isPaid = await withdraw(dues)
  return claim.status === 'pending' || disputes.some(isOpen) || unpaid.length > 0 || isPaid
}

/**
 * Calls time on disputes of others whose clock has run out: those from the first undecided place up to `end`, which
 * hold up what stands there. Returns how the first of them stands.
 */
export async function hurry(
  { keeper, claim, block, head }: Dues,
  end: number,
): Promise<DisputeStatus | undefined> {
  let first: DisputeStatus | undefined
  for (let place = claim.cursor; place < end; place++) {
    const id = disputeAt(claim.id, place)
    const { status } = await readStatus(keeper.contracts, id)
    first ??= status
    if (status !== 'live') continue
    const dispute = await readDispute(keeper.contracts, id, block)
    const { turn } = dispute
    if (turn !== undefined && head.time > BigInt(turn.deadline)) await callTime({ keeper, dispute })
  }
  return first
}

/** Bonds of a void claim's disputes that were not given back with the decision. */
export async function reclaimBonds({ keeper, claim, disputes }: Dues): Promise<void> {
  if (claim.status !== 'void') return
  for (const { id, status } of disputes) {
    if (status === 'won' || !(await isReclaimable(keeper, id))) continue
    await move(keeper, String(id), { functionName: 'reclaimBond', args: [id] })
  }
}

/** The contract's word: it refuses where nothing is owed. */
async function isReclaimable({ contracts, sender }: Keeper, dispute: bigint): Promise<boolean> {
  try {
    await contracts.chain.client.simulateContract({
      abi: verdeAbi,
      address: contracts.verde,
      functionName: 'reclaimBond',
      args: [dispute],
      account: sender.address,
    })
    return true
  } catch (error) {
    if (revertReason(error)?.startsWith('Verde_NoBond') === true) return false
    throw error
  }
}

async function withdraw({ keeper, claim, head }: Dues): Promise<boolean> {
  const { contracts, sender, log } = keeper
  const args = [sender.address] as const
  const [wei, ai] = await contracts.chain.client.readContract({
    abi: verdeAbi,
    address: contracts.verde,
    functionName: 'creditOf',
    args,
  })
  if (wei === 0n && ai === 0n) return false
  await move(keeper, `${claim.id}:${head.number}`, { functionName: 'withdraw', args })
  log.info({ ether: formatEther(wei), ai: formatEther(ai) }, 'collected')
  return true
}
