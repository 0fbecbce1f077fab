import { aiTokenAbi, stakeVaultAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import type { Address } from 'viem'
import type { Contracts } from './contracts.ts'
import { readVault } from './jobs.ts'
import type { Sender } from './sender.ts'
import { transact } from './transact.ts'

/** The parts of a vault's stake, $AI wei, and when what was put into the self-bond can leave, unix seconds. */
export interface Stake {
  readonly selfBond: bigint
  readonly activeAssets: bigint
  readonly leavingAssets: bigint
  readonly lockedAssets: bigint
  /** What a new lock can hold. */
  readonly freeAssets: bigint
  /** What can be withdrawn of the self-bond. */
  readonly freeSelfBond: bigint
  readonly selfBondHeldUntil: number
}

export async function readStake({ chain }: Contracts, vault: Address): Promise<Stake> {
  const read = <N extends keyof Stake>(functionName: N) =>
    chain.client.readContract({ abi: stakeVaultAbi, address: vault, functionName })
  const [
    selfBond,
    activeAssets,
    leavingAssets,
    lockedAssets,
    freeAssets,
    freeSelfBond,
    selfBondHeldUntil,
  ] = await Promise.all([
    read('selfBond'),
    read('activeAssets'),
    read('leavingAssets'),
    read('lockedAssets'),
    read('freeAssets'),
    read('freeSelfBond'),
    read('selfBondHeldUntil'),
  ])
  return {
    selfBond,
    activeAssets,
    leavingAssets,
    lockedAssets,
    freeAssets,
    freeSelfBond,
    selfBondHeldUntil,
  }
}

/**
 * Puts `assets` of the sender into the self-bond of its vault, which is created if there is none. What one `run`
 * sends is never sent twice.
 */
export async function depositSelfBond(
  contracts: Contracts,
  sender: Sender,
  { assets, commissionBps, run }: { assets: bigint; commissionBps: number; run: string },
): Promise<Address> {
  if ((await readVault(contracts, sender.address)) === undefined) {
    await transact(sender, `create:${run}`, {
      abi: stakeVaultFactoryAbi,
      address: contracts.stakeVaultFactory,
      functionName: 'create',
      args: [commissionBps],
    })
  }
  const vault = (await readVault(contracts, sender.address))!.address
  await transact(sender, `approve:${run}`, {
    abi: aiTokenAbi,
    address: contracts.token,
    functionName: 'approve',
    args: [vault, assets],
  })
  await transact(sender, `depositSelfBond:${run}`, {
    abi: stakeVaultAbi,
    address: vault,
    functionName: 'depositSelfBond',
    args: [assets],
  })
  return vault
}
