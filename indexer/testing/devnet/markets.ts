// Markets of a devnet on contests that say what is wanted: one that goes on and is halted, one that is settled.
import { delphiAbi } from '@lockstep/deployments'
import { LIQUIDITY, shareId } from '@lockstep/deployments/protocol'
import { parseEther, zeroAddress } from 'viem'
import { newMarket, spend, traderOf, unload } from '../../../keepers/src/testing/markets.ts'
import type { TestNetwork } from '../../../keepers/src/testing/network.ts'
import { Account } from './account.ts'

export interface Markets {
  readonly halted: bigint
  readonly settled: bigint
  /** Settles the one; not before its trading has ended. */
  readonly settle: () => Promise<void>
  /** Halts the other. */
  readonly halt: () => Promise<void>
}

/** Seconds until the trading of the market that is settled ends. */
const SHORT = 900n
const LATE = 2n ** 39n
const MUCH = 2n ** 95n

export async function playMarkets(network: TestNetwork): Promise<Markets> {
  const trader = traderOf(network, 'submitter')
  const [owner, holder] = [new Account(network.devnet, 0), new Account(network.devnet, 8)]
  const { delphi } = network.contracts
  await holder.approve(delphi)

  const { id: halted } = await newMarket(network, trader, { entrants: 3 })
  const bought = await spend(trader, halted, 0, '50')
  await spend(traderOf(network, 'other'), halted, 2, '20')
  await holder.call(delphiAbi, delphi, 'remake', [halted]) // of which no event says
  await unload(trader, halted, 0, bought / 3n)
  await holder.call(delphiAbi, delphi, 'mintSets', [halted, 3_000_000_001n])
  await holder.call(delphiAbi, delphi, 'addLiquidity', [halted, parseEther('150'), MUCH, LATE])
  await spend(trader, halted, 1, '5')
  // Of a market that there is not: a share, and liquidity.
  for (const id of [shareId(0n, 0), shareId(0n, LIQUIDITY)])
    await holder.call(delphiAbi, delphi, 'transfer', [zeroAddress, id, 0n])
  await holder.call(delphiAbi, delphi, 'burnSets', [halted, 1_000_000_000n])

  const { id: settled, contest } = await newMarket(network, trader, { seconds: SHORT })
  await owner.call(delphiAbi, delphi, 'setHalted', [settled, true])
  await owner.call(delphiAbi, delphi, 'setHalted', [settled, false])
  await contest.says({ entrants: 3 })
  await holder.call(delphiAbi, delphi, 'list', [settled, MUCH, LATE])
  await spend(trader, settled, 2, '7')
  await spend(trader, settled, 1, '30')
  await holder.call(delphiAbi, delphi, 'addLiquidity', [settled, parseEther('120'), MUCH, LATE])
  await holder.call(delphiAbi, delphi, 'mintSets', [settled, 2_000_000_000n])
  const [loser, liquidity] = [shareId(settled, 0), shareId(settled, LIQUIDITY)]
  // To nobody, to itself, and nothing of somebody else's.
  for (const [to, id, amount] of [
    [zeroAddress, loser, 700_000_000n],
    [holder.address, loser, 1_300_000_000n],
    [zeroAddress, liquidity, 1n],
    [holder.address, liquidity, parseEther('1')],
    [zeroAddress, shareId(halted, LIQUIDITY), 1_000n],
  ] as const)
    await holder.call(delphiAbi, delphi, 'transfer', [to, id, amount])
  const nothing = [trader.account.address, owner.address, loser, 0n] as const
  await holder.call(delphiAbi, delphi, 'transferFrom', nothing)
  return {
    halted,
    settled,
    halt: async () => {
      await owner.call(delphiAbi, delphi, 'setHalted', [halted, true])
    },
    settle: async () => {
      await contest.says({ verdict: 2, winners: [1, 2] })
      const { address } = trader.account
      await holder.call(delphiAbi, delphi, 'redeem', [settled, 2n, address])
      await holder.call(delphiAbi, delphi, 'redeemMany', [settled, [0n, 1n], holder.address])
      await holder.call(delphiAbi, delphi, 'redeemLiquidity', [settled, holder.address])
      await holder.call(delphiAbi, delphi, 'redeem', [settled, 0n, zeroAddress])
      await holder.call(delphiAbi, delphi, 'collectCreatorFees', [settled])
    },
  }
}
