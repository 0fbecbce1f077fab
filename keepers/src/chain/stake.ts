import { aiTokenAbi, stakeVaultAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import { type Address, formatEther } from 'viem'
import { fail } from '../errors.ts'
import type { Contracts } from './contracts.ts'
import { readVault } from './jobs.ts'
import type { Sender } from './sender.ts'
import { transact, transactPaying } from './transact.ts'

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
  await transactPaying(contracts, sender, `depositSelfBond:${run}`, assets, {
    abi: stakeVaultAbi,
    address: vault,
    functionName: 'depositSelfBond',
    args: [assets],
  })
  return vault
}

/** What an account has in a vault, be it the operator's or another's; $AI wei. */
export interface Delegation {
  readonly shares: bigint
  /** What they are worth. */
  readonly delegated: bigint
  /** What was asked for and cannot be redeemed yet, at most: a slash may have taken of it. */
  readonly leaving: bigint
  /** When the unbonding delay of the latest request is over, unix seconds; locks may hold a part longer. */
  readonly leavingUntil: number
  readonly redeemable: bigint
  readonly redeemableShares: bigint
}

export async function readDelegation(
  { chain }: Contracts,
  vault: Address,
  account: Address,
): Promise<Delegation> {
  const contract = { abi: stakeVaultAbi, address: vault } as const
  const args = [account] as const
  const read = (functionName: 'balanceOf' | 'maxWithdraw' | 'maxRedeem') =>
    chain.client.readContract({ ...contract, functionName, args })
  const [shares, redeemable, redeemableShares, exit] = await Promise.all([
    read('balanceOf'),
    read('maxWithdraw'),
    read('maxRedeem'),
    chain.client.readContract({ ...contract, functionName: 'exitOf', args }),
  ])
  const delegated = await chain.client.readContract({
    ...contract,
    functionName: 'convertToAssets',
    args: [shares],
  })
  return {
    shares,
    delegated,
    leaving: exit.pendingUnits + exit.maturedUnits - redeemable,
    leavingUntil: exit.unlockTime,
    redeemable,
    redeemableShares,
  }
}

/** Throws unless an account has so much $AI. */
export async function checkBalance(
  { chain, token }: Contracts,
  account: Address,
  assets: bigint,
  use: string,
): Promise<void> {
  const balance = await chain.client.readContract({
    abi: aiTokenAbi,
    address: token,
    functionName: 'balanceOf',
    args: [account],
  })
  if (balance >= assets) return
  throw fail.funds({
    what: `${formatEther(balance)} $AI, ${formatEther(assets)} are to be ${use}`,
    where: `account ${account}`,
    advice: 'take less or get more',
  })
}
