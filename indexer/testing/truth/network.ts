import { aiTokenAbi } from '@lockstep/deployments'
import { zeroAddress } from 'viem'
import type { Objects, Row } from './answers.ts'
import { count, type Happened, type Story, sum } from './story.ts'

const DAY = 86_400

/** The network's totals, its days and all accounts, counted from what they are totals of. */
export async function networkOf(story: Story, objects: Objects): Promise<Objects> {
  const { Job, Claim, Computation, Dispute, Vault, Slash, Lock, Contest, Model, Market, Trade } =
    objects
  const { token } = story.network.contracts
  const { chainId } = story.network.devnet.deployment
  const onToken = async (name: string, ...args: unknown[]) =>
    story.view<bigint>(aiTokenAbi, token, name, args)
  const total = (rows: readonly Row[], field: string): bigint =>
    sum(rows.map((row) => row[field] as bigint))
  const active = Job.filter(({ status }) => ['OPEN', 'TAKEN', 'CLAIMED'].includes(status as string))
  const settled = Job.filter(({ status }) => status === 'SETTLED')
  const is = (...statuses: string[]): number =>
    count(Dispute, ({ status }) => statuses.includes(status as string))
  const transfers = story.of('token', 'Transfer')
  const gas = new Map(
    story.events.flatMap((event) =>
      MOVES.includes(event.name) ? [[event.transaction, event.gas]] : [],
    ),
  )
  const inVaults = await Promise.all(Vault.map(({ id }) => onToken('balanceOf', id)))
  // Commissions that wait for their operators are no stake.
  const owed = sum(
    Vault.map((one) => (one.commission as bigint) - (one.commissionCollected as bigint)),
  )
  const network = {
    id: chainId,
    ...{ jobsPosted: Job.length, jobsActive: active.length, jobsSettled: settled.length },
    escrowed: await onToken('balanceOf', story.network.contracts.jobRegistry),
    ...{ paid: total(settled, 'paid'), fees: total(settled, 'fee') },
    stepsSettled: sum(
      settled.map((job) => Computation.find(({ id }) => id === job.computation)!.steps as bigint),
    ),
    claims: Claim.length,
    claimsVoided: count(Claim, ({ isVoid }) => isVoid === true),
    ...{ disputes: Dispute.length, disputesActive: is('QUEUED', 'LIVE') },
    ...{ disputesWon: is('WON'), disputesLost: is('LOST'), disputeGas: sum([...gas.values()]) },
    operators: new Set(Vault.map(({ operator }) => operator)).size,
    staked: sum(inVaults) - owed,
    ...{ locked: total(Lock, 'remaining'), slashed: total(Slash, 'amount') },
    burned: sum(
      transfers.filter(({ args }) => args.to === zeroAddress).map(({ args }) => args.value),
    ),
    rewards: total(Vault, 'rewards'),
    ...{ contests: Contest.length, models: Model.length, markets: Market.length },
    ...{ trades: Trade.length, volume: total(Trade, 'amount') },
    supply: await onToken('totalSupply'),
    ...{ events: story.events.length, updatedAt: story.events.at(-1)!.timestamp },
  }
  return {
    Network: [network],
    NetworkDay: daysOf(objects),
    Account: await accountsOf(story, objects),
  }
}

/** Events whose transactions made a move in a dispute, or gave an answer. */
const MOVES = ['Challenged', 'Moved', 'DisputeDecided', 'StepsCommitted', 'GraphCommitted']

function daysOf({ Job, Dispute, Slash, Trade }: Objects): Row[] {
  const days = new Map<number, Record<string, number | bigint>>()
  const add = (time: unknown, field: string, more: number | bigint): void => {
    const id = Math.floor(Number(time) / DAY)
    const day = days.get(id) ?? {
      jobsPosted: 0,
      jobsSettled: 0,
      paid: 0n,
      disputes: 0,
      slashed: 0n,
      trades: 0,
      volume: 0n,
    }
    day[field] =
      typeof more === 'bigint' ? (day[field] as bigint) + more : (day[field] as number) + more
    days.set(id, day)
  }
  for (const job of Job) {
    add(job.postedAt, 'jobsPosted', 1)
    if (job.status !== 'SETTLED') continue
    add(job.endedAt, 'jobsSettled', 1)
    add(job.endedAt, 'paid', job.paid as bigint)
  }
  for (const { openedAt } of Dispute) add(openedAt, 'disputes', 1)
  for (const { timestamp, amount } of Slash) add(timestamp, 'slashed', amount as bigint)
  for (const { timestamp, amount } of Trade) {
    add(timestamp, 'trades', 1)
    add(timestamp, 'volume', amount as bigint)
  }
  return Array.from(days, ([id, day]) => ({ ...day, id, startsAt: id * DAY }))
}

/** Arguments of events that name who did or got something; others name contracts that are called, or allowed. */
const NAMES = [
  'from',
  'to',
  'owner',
  'operator',
  'submitter',
  'challenger',
  'solver',
  'controller',
  'opener',
  'creator',
  'curator',
  'trader',
  'provider',
] as const
const SILENT = [
  'Approval',
  'OperatorSet',
  'OwnershipTransferred',
  'FeesCollected',
  'Slashed',
  'Rewarded',
]

async function accountsOf(
  story: Story,
  { Job, Dispute, Trade, Operator }: Objects,
): Promise<Row[]> {
  const seen = new Map<string, Happened>()
  const paid = [...story.of('verde', 'RewardPaid'), ...story.of('verde', 'CostsPaid')]
  for (const event of story.events) {
    const args = event.args as Readonly<Record<string, unknown>>
    const named = SILENT.includes(event.name) ? [] : NAMES.map((name) => args[name])
    for (const id of [...named, event.sender]) {
      if (typeof id !== 'string' || id === zeroAddress || id.length !== 42 || seen.has(id)) continue
      seen.set(id, event)
    }
  }
  return Promise.all(
    Array.from(seen, async ([id, { timestamp }]) => {
      const posted = Job.filter(({ submitter }) => submitter === id)
      const trades = Trade.filter(({ trader }) => trader === id)
      return {
        id,
        balance: await story.view<bigint>(aiTokenAbi, story.network.contracts.token, 'balanceOf', [
          id,
        ]),
        jobsPosted: posted.length,
        spent: sum(posted.map(({ reward }) => reward as bigint)),
        disputes: count(Dispute, ({ challenger }) => challenger === id),
        disputeRewards: sum(
          paid.filter(({ args }) => args.to === id).map(({ args }) => args.amount),
        ),
        trades: trades.length,
        volume: sum(trades.map(({ amount }) => amount as bigint)),
        firstSeenAt: timestamp,
        operator: Operator.find((one) => one.id === id)?.id ?? null,
      }
    }),
  )
}
