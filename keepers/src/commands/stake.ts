import { aiTokenAbi, stakeVaultAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import type { Command } from 'commander'
import { formatEther, parseEther } from 'viem'
import { readVault } from '../chain/jobs.ts'
import { transact } from '../chain/transact.ts'
import { fail } from '../errors.ts'
import { createLog } from '../log.ts'
import { addCommand, type Result } from './command.ts'
import { openContracts, openSender, READING, SENDING } from './open.ts'

/** `lockstep stake`: the operator's vault, created if there is none, and a deposit into it. */
export function addStake(
  parent: Command,
  done: (result: Result, json: boolean) => void,
  signal: AbortSignal,
): void {
  addCommand(
    parent,
    {
      name: 'stake',
      description:
        "deposit $AI into this account's staking vault; creates the vault if there is none",
      settings: [...READING, ...SENDING, 'home', 'amount', 'commissionBps'],
      run: async (values) => {
        const log = createLog(values.logLevel, 'stake')
        const contracts = await openContracts(values)
        const { sender, close } = openSender(values, contracts, log)
        try {
          await sender.recover()
          const assets = parseEther(values.amount)
          const { client } = contracts.chain
          const token = { abi: aiTokenAbi, address: contracts.token } as const
          const balance = await client.readContract({
            ...token,
            functionName: 'balanceOf',
            args: [sender.address],
          })
          if (balance < assets) {
            throw fail.funds({
              what: `${formatEther(balance)} $AI, ${values.amount} are to be staked`,
              where: `account ${sender.address}`,
              advice: 'stake less or get more',
            })
          }
          // Every run of this command is meant: the number of transactions so far tells them apart.
          const run = await client.getTransactionCount({ address: sender.address })
          if ((await readVault(contracts, sender.address)) === undefined) {
            await transact(sender, `create:${run}`, {
              abi: stakeVaultFactoryAbi,
              address: contracts.stakeVaultFactory,
              functionName: 'create',
              args: [values.commissionBps],
            })
          }
          const vault = (await readVault(contracts, sender.address))!.address
          await transact(sender, `approve:${run}`, {
            ...token,
            functionName: 'approve',
            args: [vault, assets],
          })
          await transact(sender, `deposit:${run}`, {
            abi: stakeVaultAbi,
            address: vault,
            functionName: 'deposit',
            args: [assets, sender.address],
          })
          const now = (await readVault(contracts, sender.address))!
          const free = formatEther(now.freeAssets)
          return {
            json: { vault, operator: sender.address, deposited: values.amount, free },
            lines: [`vault ${vault}: ${free} $AI free`],
          }
        } finally {
          close()
        }
      },
    },
    done,
    signal,
  )
}
