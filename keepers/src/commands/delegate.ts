import { stakeVaultAbi } from '@lockstep/deployments'
import type { Command } from 'commander'
import { type Address, formatEther, parseEther } from 'viem'
import { checkBalance, readDelegation } from '../chain/stake.ts'
import type { Contracts } from '../chain/contracts.ts'
import type { Sender } from '../chain/sender.ts'
import { transact, transactPaying } from '../chain/transact.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { createCommandLog } from '../log.ts'
import { addCommand, type Done, type Result } from './command.ts'
import { openChain, READING, SENDING } from './open.ts'

const SETTINGS = [...READING, ...SENDING, 'home', 'vault'] as const satisfies SettingName[]

/** Sends what a command does, and returns the $AI that it is about. */
type Move = (context: {
  readonly contracts: Contracts
  readonly sender: Sender
  readonly vault: Address
  readonly run: string
}) => Promise<bigint>

/**
 * `lockstep delegate`, `undelegate` and `redeem`: money of others than the operator in and out of a vault. It earns its
 * part of the rewards, and is slashed behind the self-bond.
 */
export function addDelegate(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'delegate',
      examples: ['lockstep delegate --vault 0x1234… --amount 500'],
      description: 'put $AI into the staking vault of an operator (--vault); yours to undelegate',
      settings: [...SETTINGS, 'amount'],
      run: (values) => withVault(values, delegating(parseEther(values.amount))),
    },
    done,
    signal,
  )
  addCommand(
    parent,
    {
      name: 'undelegate',
      examples: ['lockstep undelegate --vault 0x1234… --amount 500'],
      description: "ask for $AI back out of an operator's staking vault; redeem it after the delay",
      settings: [...SETTINGS, 'amount'],
      run: (values) => withVault(values, undelegating(parseEther(values.amount))),
    },
    done,
    signal,
  )
  addCommand(
    parent,
    {
      name: 'redeem',
      examples: ['lockstep redeem --vault 0x1234…'],
      description: 'take the $AI that was undelegated and has waited long enough',
      settings: SETTINGS,
      run: (values) => withVault(values, redeeming),
    },
    done,
    signal,
  )
}

const delegating =
  (assets: bigint): Move =>
  async ({ contracts, sender, vault, run }) => {
    await checkBalance(contracts, sender.address, assets, 'delegated')
    await transactPaying(contracts, sender, `deposit:${run}`, assets, {
      abi: stakeVaultAbi,
      address: vault,
      functionName: 'deposit',
      args: [assets, sender.address],
    })
    return assets
  }

const undelegating =
  (assets: bigint): Move =>
  async ({ contracts, sender, vault, run }) => {
    const account = sender.address
    const { shares, delegated } = await readDelegation(contracts, vault, account)
    if (assets > delegated) {
      throw fail.stake({
        what: `${formatEther(delegated)} $AI are delegated, ${formatEther(assets)} are to leave`,
        where: `vault ${vault}, account ${account}`,
        advice: 'undelegate less',
      })
    }
    const part = await contracts.chain.client.readContract({
      abi: stakeVaultAbi,
      address: vault,
      functionName: 'convertToShares',
      args: [assets],
    })
    await transact(sender, `requestRedeem:${run}`, {
      abi: stakeVaultAbi,
      address: vault,
      functionName: 'requestRedeem',
      args: [assets === delegated ? shares : part, account, account],
    })
    return assets
  }

const redeeming: Move = async ({ contracts, sender, vault, run }) => {
  const account = sender.address
  const { redeemable, redeemableShares, leaving, leavingUntil } = await readDelegation(
    contracts,
    vault,
    account,
  )
  if (redeemableShares === 0n) {
    throw fail.stake({
      what: 'nothing can be redeemed yet',
      where: `vault ${vault}, account ${account}`,
      advice:
        leaving === 0n
          ? 'ask for it first: lockstep undelegate'
          : `${formatEther(leaving)} $AI wait until second ${leavingUntil}, or for a lock of the vault to end`,
    })
  }
  await transact(sender, `redeem:${run}`, {
    abi: stakeVaultAbi,
    address: vault,
    functionName: 'redeem',
    args: [redeemableShares, account, account],
  })
  return redeemable
}

async function withVault(values: Values<(typeof SETTINGS)[number]>, move: Move): Promise<Result> {
  const { vault } = values
  if (vault === undefined) {
    throw fail.badSetting({
      what: 'there is no value for vault',
      where: 'flag --vault <address>',
      advice: "name the operator's vault: lockstep status --account <operator> shows it",
    })
  }
  const log = createCommandLog(values.logLevel)
  const { contracts, sender, close } = await openChain(values, log)
  try {
    await sender.recover()
    // Every run of these commands is meant: the number of transactions so far tells them apart.
    const run = await contracts.chain.client.getTransactionCount({ address: sender.address })
    const amount = await move({ contracts, sender, vault, run: String(run) })
    const left = await readDelegation(contracts, vault, sender.address)
    const json = {
      vault,
      account: sender.address,
      amount: formatEther(amount),
      delegated: formatEther(left.delegated),
      leaving: formatEther(left.leaving),
      leavingUntil: left.leavingUntil,
      redeemable: formatEther(left.redeemable),
    }
    const { delegated, leaving, leavingUntil, redeemable } = json
    const until = left.leaving === 0n ? '' : ` until second ${leavingUntil}`
    return {
      json,
      lines: [
        `vault ${vault}: of ${sender.address} ${delegated} $AI delegated, ${leaving} leaving${until}, ${redeemable} redeemable`,
      ],
    }
  } finally {
    close()
  }
}
