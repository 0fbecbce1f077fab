import { stakeVaultAbi } from '@lockstep/deployments'
import type { Command } from 'commander'
import { type Address, formatEther, parseEther } from 'viem'
import type { Contracts } from '../chain/contracts.ts'
import { readVault } from '../chain/jobs.ts'
import type { Sender } from '../chain/sender.ts'
import { checkBalance, depositSelfBond, readStake } from '../chain/stake.ts'
import { transact } from '../chain/transact.ts'
import type { Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { createCommandLog } from '../log.ts'
import { addCommand, type Done, type Result } from './command.ts'
import { openChain, READING, SENDING } from './open.ts'

const SETTINGS = [...READING, ...SENDING, 'home', 'amount'] as const

/** `lockstep stake` and `lockstep unstake`: the operator's own money in and out of its vault's self-bond. */
export function addStake(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'stake',
      examples: [
        'lockstep stake --amount 20000',
        'lockstep stake --amount 20000 --commission-bps 500',
      ],
      description:
        "put $AI into the self-bond of this account's staking vault; creates the vault if there is none",
      settings: [...SETTINGS, 'commissionBps'],
      run: (values) =>
        withSender(values, async (contracts, sender, run) => {
          const assets = parseEther(values.amount)
          await checkBalance(contracts, sender.address, assets, 'staked')
          const { commissionBps } = values
          return depositSelfBond(contracts, sender, { assets, commissionBps, run })
        }),
    },
    done,
    signal,
  )
  addCommand(
    parent,
    {
      name: 'unstake',
      examples: ['lockstep unstake --amount 100.5'],
      description: "take $AI out of the self-bond of this account's staking vault",
      settings: SETTINGS,
      run: (values) =>
        withSender(values, async (contracts, sender, run) => {
          const assets = parseEther(values.amount)
          const vault = (await readVault(contracts, sender.address))?.address
          if (vault === undefined) {
            throw fail.notFound({
              what: 'there is no staking vault',
              where: `account ${sender.address}`,
              advice: 'lockstep stake creates one',
            })
          }
          const { selfBond, freeSelfBond, selfBondHeldUntil } = await readStake(contracts, vault)
          if (freeSelfBond < assets) {
            throw fail.stake({
              what: `${formatEther(freeSelfBond)} of ${formatEther(selfBond)} $AI are free`,
              where: `self-bond of vault ${vault}`,
              advice: `take less or wait: jobs under way hold a part, the latest deposit holds all until second ${selfBondHeldUntil}`,
            })
          }
          await transact(sender, `withdrawSelfBond:${run}`, {
            abi: stakeVaultAbi,
            address: vault,
            functionName: 'withdrawSelfBond',
            args: [assets, sender.address],
          })
          return vault
        }),
    },
    done,
    signal,
  )
}

/** Runs `move` with a sender and shows what the vault it names holds then. */
async function withSender(
  values: Values<(typeof SETTINGS)[number]>,
  move: (contracts: Contracts, sender: Sender, run: string) => Promise<Address>,
): Promise<Result> {
  const log = createCommandLog(values.logLevel)
  const { contracts, sender, close } = await openChain(values, log)
  try {
    await sender.recover()
    // Every run of these commands is meant: the number of transactions so far tells them apart.
    const run = await contracts.chain.client.getTransactionCount({ address: sender.address })
    const vault = await move(contracts, sender, String(run))
    const stake = await describeStake(contracts, vault)
    return {
      json: { vault, operator: sender.address, amount: values.amount, ...stake },
      lines: [stakeLine(vault, stake)],
    }
  } finally {
    close()
  }
}

/** A vault's stake as commands show it, $AI. */
export async function describeStake(contracts: Contracts, vault: Address) {
  const stake = await readStake(contracts, vault)
  return {
    selfBond: formatEther(stake.selfBond),
    delegated: formatEther(stake.activeAssets),
    leaving: formatEther(stake.leavingAssets),
    locked: formatEther(stake.lockedAssets),
    free: formatEther(stake.freeAssets),
  }
}

export function stakeLine(
  vault: Address,
  { selfBond, delegated, leaving, locked, free }: Awaited<ReturnType<typeof describeStake>>,
): string {
  return `vault ${vault}: ${selfBond} $AI self-bond, ${delegated} delegated, ${leaving} leaving; ${locked} locked, ${free} free`
}
