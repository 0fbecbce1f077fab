import { aiTokenAbi, verdeAbi } from '@lockstep/deployments'
import { programRoot } from '@lockstep/repops'
import type { Command } from 'commander'
import { type Address, formatEther } from 'viem'
import { disputeAt, readClaim, readComputation } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import { type DisputeReport, reportDispute } from '../chain/dispute-report.ts'
import { readJob, readJobClaims, readJobCount, readVault } from '../chain/jobs.ts'
import { fail } from '../errors.ts'
import { when } from '../text.ts'
import { addCommand, type Done } from './command.ts'
import { openContracts, READING } from './open.ts'
import { describeStake, stakeLine } from './stake.ts'

const SHOWN_JOBS = 20n

/** `lockstep status`: jobs with their claims and disputes, and what an account has. */
export function addStatus(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'status',
      examples: [
        'lockstep status',
        'lockstep status --jobs 7,8 --json',
        'lockstep status --account 0x7099…79C8',
      ],
      description: 'show jobs, claims and disputes, and what an account has',
      settings: [...READING, 'home', 'jobs', 'account'],
      run: async (values) => {
        const contracts = await openContracts(values)
        const head = await contracts.chain.head()
        const ids = values.jobs ?? (await latestJobs(contracts))
        const jobs = await Promise.all(ids.map((id) => describeJob(contracts, id, head.number)))
        const account = values.account && (await describeAccount(contracts, values.account))
        const json = {
          chain: contracts.chain.id,
          block: head.number,
          time: head.time,
          jobs,
          ...(account === undefined ? {} : { account }),
        }
        const lines = [
          `chain ${contracts.chain.id}, block ${head.number}`,
          ...jobs.flatMap((job) => jobLines(job, Number(head.time))),
          ...(account === undefined ? [] : accountLines(account)),
        ]
        return { json, lines }
      },
    },
    done,
    signal,
  )
}

async function latestJobs(contracts: Contracts): Promise<bigint[]> {
  const count = await readJobCount(contracts)
  const first = count > SHOWN_JOBS ? count - SHOWN_JOBS + 1n : 1n
  return Array.from({ length: Number(count - first + 1n) }, (_, i) => first + BigInt(i))
}

async function describeJob(contracts: Contracts, id: bigint, to: bigint) {
  const job = await readJob(contracts, id)
  if (job.status === 'none') {
    throw fail.notFound({
      what: 'there is no such job',
      where: `job ${id}`,
      advice: 'lockstep status without --jobs lists the latest',
    })
  }
  const made = await readJobClaims(contracts, { job: id }, to)
  const computation = await readComputation(contracts, job.computation)
  const { nodesRoot, statesRoot, constantEntriesRoot } = computation
  return {
    id,
    status: job.status,
    submitter: job.submitter,
    reward: formatEther(job.reward),
    stake: formatEther(job.stake),
    deadline: job.deadline,
    attempt: job.attempt,
    computation: job.computation,
    program: programRoot(computation, [nodesRoot, statesRoot, constantEntriesRoot]),
    steps: computation.steps,
    interval: computation.interval,
    claims: await Promise.all(
      made.map(({ claim, block }) => describeClaim(contracts, claim, block)),
    ),
  }
}

async function describeClaim(contracts: Contracts, id: bigint, block: bigint) {
  const claim = await readClaim(contracts, id)
  const places = Array.from({ length: claim.disputes }, (_, place) => disputeAt(id, place))
  return {
    id,
    status: claim.status,
    solver: claim.solver,
    delegate: claim.delegate,
    vault: claim.vault,
    checkpointRoot: claim.checkpointRoot,
    finalStateRoot: claim.finalStateRoot,
    windowEnd: claim.windowEnd,
    disputes: (
      await Promise.all(places.map((place) => reportDispute(contracts, place, block)))
    ).map(describeDispute),
  }
}

/** A dispute as `status --json` shows it. */
export function describeDispute(report: DisputeReport) {
  const { dispute, winner, path, transactions, gas, l1FeeWei, slashed, reward } = report
  return {
    id: dispute.id,
    status: dispute.status,
    challenger: dispute.challenger,
    phase: dispute.position.phase,
    ...(dispute.turn === undefined
      ? {}
      : { owedBy: dispute.turn.solver ? 'solver' : 'challenger', deadline: dispute.turn.deadline }),
    ...(winner === undefined ? {} : { winner }),
    path,
    transactions: transactions.length,
    gas,
    ...(l1FeeWei === undefined ? {} : { l1FeeWei }),
    moves: transactions,
    slashed: formatEther(slashed),
    challengerReward: formatEther(reward),
  }
}

async function describeAccount(contracts: Contracts, address: Address) {
  const { client } = contracts.chain
  const [ether, ai, vault, [creditWei, creditAi]] = await Promise.all([
    client.getBalance({ address }),
    client.readContract({
      abi: aiTokenAbi,
      address: contracts.token,
      functionName: 'balanceOf',
      args: [address],
    }),
    readVault(contracts, address),
    client.readContract({
      abi: verdeAbi,
      address: contracts.verde,
      functionName: 'creditOf',
      args: [address],
    }),
  ])
  return {
    address,
    ether: formatEther(ether),
    ai: formatEther(ai),
    credit: { ether: formatEther(creditWei), ai: formatEther(creditAi) },
    ...(vault === undefined
      ? {}
      : {
          vault: { address: vault.address, ...(await describeStake(contracts, vault.address)) },
        }),
  }
}

function jobLines(job: Awaited<ReturnType<typeof describeJob>>, now: number): string[] {
  return [
    `job ${job.id}  ${job.status}  ${job.reward} $AI, stake ${job.stake}, ${job.steps} steps, attempt ${job.attempt}`,
    ...job.claims.flatMap((claim) => [
      `  claim ${short(claim.id)}  ${claim.status}  by ${claim.solver}${claim.status === 'pending' ? `, window ends at ${when(Number(claim.windowEnd), now)}` : ''}`,
      ...claim.disputes.map(
        (dispute) =>
          `    dispute ${Number(dispute.id & 0xffffffffn)}  ${dispute.status}  ${pathText(dispute.path)}, ` +
          `${dispute.transactions} transactions, ${dispute.gas} gas`,
      ),
    ]),
  ]
}

function accountLines(account: Awaited<ReturnType<typeof describeAccount>>): string[] {
  return [
    `account ${account.address}  ${account.ether} ether, ${account.ai} $AI`,
    `  credited at Verde: ${account.credit.ether} ether, ${account.credit.ai} $AI`,
    ...(account.vault === undefined
      ? ['  no staking vault']
      : [`  ${stakeLine(account.vault.address, account.vault)}`]),
  ]
}

/** Ids are as long as hashes: the head of one is enough to tell claims apart. */
const short = (id: bigint): string => `${id.toString(16).padStart(56, '0').slice(0, 8)}…`

const pathText = (path: object): string =>
  Object.entries(path)
    .map(([name, value]) => `${name} ${value as number}`)
    .join(' › ') || 'not opened'
