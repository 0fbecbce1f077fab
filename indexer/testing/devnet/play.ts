import { aiTokenAbi, stakeVaultAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import { type Address, parseEther, zeroAddress } from 'viem'
import { transact } from '../../../keepers/src/chain/transact.ts'
import type { TestNetwork } from '../../../keepers/src/testing/network.ts'
import { Account } from './account.ts'
import { playContest } from './contest.ts'
import { type Disputes, playDisputes } from './disputes.ts'
import { type Markets, playMarkets } from './markets.ts'
import { playPools, type Pools } from './series.ts'
import { playWork, type Work } from './work.ts'

export interface Played
  extends Omit<Work, 'end'>,
    Disputes,
    Pools,
    Pick<Markets, 'halted' | 'settled'> {
  /** Decided. */
  readonly contest: bigint
}

/** Lets everything happen on a devnet that an indexer has to tell of. */
export async function playDevnet(network: TestNetwork): Promise<Played> {
  await giveAway(network, await haveSecondThoughts(network))
  const contest = await playContest(network)
  const { end, ...work } = await playWork(network)
  const disputes = await playDisputes(network)
  const { halted, settled, settle, halt } = await playMarkets(network)
  const pools = await playPools(network, halted, settle)
  await halt()
  await end()
  return { contest, ...work, ...disputes, ...pools, halted, settled }
}

/** Somebody trusts the cheat, and leaves a part of it. Returns the cheat's vault. */
async function haveSecondThoughts(network: TestNetwork): Promise<Address> {
  const { chain, stakeVaultFactory, token } = network.contracts
  const vault = await chain.client.readContract({
    ...{ abi: stakeVaultFactoryAbi, address: stakeVaultFactory, functionName: 'vaultOf' },
    args: [network.address('cheat')],
  })
  const other = network.sender('other')
  const to = network.address('other')
  const assets = parseEther('777')
  const act = { abi: aiTokenAbi, address: token, functionName: 'approve' } as const
  await transact(other, 'approve', { ...act, args: [vault, assets] })
  const at = { abi: stakeVaultAbi, address: vault } as const
  await transact(other, 'deposit', { ...at, functionName: 'deposit', args: [assets, to] })
  const shares = 1_000n * parseEther('111')
  await transact(other, 'leave', { ...at, functionName: 'requestRedeem', args: [shares, to, to] })
  return vault
}

/** Somebody deposits for nobody, moves shares and $AI to nobody and to itself, and nothing of what others have. */
async function giveAway(network: TestNetwork, vault: Address): Promise<void> {
  const { token } = network.contracts
  const giver = new Account(network.devnet, 7)
  const some = parseEther('3')
  const nothing = [network.address('cheat'), network.address('solver'), 0n] as const
  await giver.approve(vault)
  await giver.call(stakeVaultAbi, vault, 'deposit', [some, zeroAddress])
  await giver.call(stakeVaultAbi, vault, 'deposit', [2n * some, giver.address])
  await giver.call(stakeVaultAbi, vault, 'transfer', [giver.address, 2_000n * some])
  await giver.call(stakeVaultAbi, vault, 'transfer', [zeroAddress, 500n * some])
  await giver.call(stakeVaultAbi, vault, 'transferFrom', nothing)
  await giver.call(aiTokenAbi, token, 'transfer', [giver.address, some])
  await giver.call(aiTokenAbi, token, 'transferFrom', nothing)
  await giver.call(aiTokenAbi, token, 'burn', [0n])
}
