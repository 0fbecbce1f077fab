import { aiTokenAbi, stakeVaultAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import { parseEther } from 'viem'
import { transact } from '../../../keepers/src/chain/transact.ts'
import type { TestNetwork } from '../../../keepers/src/testing/network.ts'
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
  await haveSecondThoughts(network)
  const contest = await playContest(network)
  const { end, ...work } = await playWork(network)
  const disputes = await playDisputes(network)
  const { halted, settled, settle, halt } = await playMarkets(network)
  const pools = await playPools(network, halted, settle)
  await halt()
  await end()
  return { contest, ...work, ...disputes, ...pools, halted, settled }
}

/** Somebody trusts the cheat, and leaves a part of it. */
async function haveSecondThoughts(network: TestNetwork): Promise<void> {
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
}
