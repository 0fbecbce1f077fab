import { stakeVaultAbi } from '@lockstep/deployments'
import { zeroAddress } from 'viem'
import type { Objects, Row } from './answers.ts'
import { count, eventId, type Story, sum } from './story.ts'

/** Operators, vaults, delegations, locks, slashes and exits; after the work. */
export async function stakeOf(
  story: Story,
  { Attempt, Claim, Job, Computation, Dispute }: Objects,
): Promise<Objects> {
  const ask = async <T>(vault: string, name: string, args: unknown[] = [], block?: bigint) =>
    story.view<T>(stakeVaultAbi, vault, name, args, block)
  const created = story.of('stakeVaultFactory', 'VaultCreated')
  const slashed = story.of('vault', 'Slashed')
  const voided = Claim.filter((one) => one.isVoid)
  const attemptOf = (lock: unknown): Row | undefined => Attempt.find((one) => one.lock === lock)

  const vaults = created.map(async ({ args: { vault: id, operator }, timestamp: createdAt }) => {
    const own = <T extends { readonly address: string }>(events: readonly T[]) =>
      events.filter(({ address }) => address === id)
    const rewards = own(story.of('vault', 'Rewarded'))
    const held = await ask<number>(id, 'selfBondHeldUntil')
    return {
      ...{ id, operator, createdAt, nextCommissionBps: null, nextCommissionFrom: null },
      commissionBps: await ask(id, 'commissionBps'),
      selfBond: await ask(id, 'selfBond'),
      selfBondHeldUntil: held === 0 ? null : held,
      delegated: await ask(id, 'activeAssets'),
      leaving: await ask(id, 'leavingAssets'),
      shares: await ask(id, 'totalSupply'),
      locked: await ask(id, 'lockedAssets'),
      slashed: sum(own(slashed).map(({ args }) => args.amount)),
      rewards: sum(rewards.map(({ args }) => args.amount)),
      commission: sum(rewards.map(({ args }) => args.commission)),
      commissionCollected: sum(
        own(story.of('vault', 'CommissionCollected')).map(({ args }) => args.amount),
      ),
      delegators: count(delegations, ({ vault, shares }) => vault === id && shares > 0n),
      isClosed: await ask(id, 'closed'),
      free: await ask(id, 'freeAssets'),
    }
  })

  const owners = new Map(
    story
      .of('vault', 'Transfer')
      .filter(({ args }) => args.amount > 0n)
      .flatMap(({ address: vault, args: { from, to } }) =>
        [from, to]
          .filter((owner) => owner !== zeroAddress)
          .map((owner) => [`${vault}-${owner}`, { vault, owner }] as const),
      ),
  )
  const delegations = await Promise.all(
    Array.from(owners, async ([id, { vault, owner }]) => {
      const shares = await ask<bigint>(vault, 'balanceOf', [owner])
      const put = story
        .of('vault', 'Deposit')
        .flatMap(({ address, args }) =>
          address === vault && args.owner === owner ? [args.assets] : [],
        )
      const asked = story
        .of('vault', 'RedeemRequest')
        .filter(({ address, args }) => address === vault && args.owner === owner)
        .map(({ args, block }) => ask<bigint>(vault, 'convertToAssets', [args.shares], block - 1n))
      return {
        ...{ id, vault, owner, shares, deposited: sum(put) - sum(await Promise.all(asked)) },
        assets: await ask<bigint>(vault, 'convertToAssets', [shares]),
      }
    }),
  )

  const locks = story.of('vault', 'Locked').map(async ({ address: vault, args, timestamp }) => {
    const id = `${vault}-${args.lockId}`
    const [, remaining] = await ask<[string, bigint]>(vault, 'lockOf', [args.lockId])
    const taken = slashed.filter((one) => one.address === vault && one.args.lockId === args.lockId)
    const ended = [...story.of('vault', 'Unlocked'), ...taken].find(
      (one) => one.address === vault && one.args.lockId === args.lockId,
    )
    return {
      ...{ id, vault, lockId: args.lockId, locker: args.locker, amount: args.amount, remaining },
      slashed: sum(taken.map((one) => one.args.amount)),
      ...{ lockedAt: timestamp, endedAt: ended?.timestamp ?? null },
      attempt: attemptOf(id)?.id ?? null,
    }
  })

  const slashes = slashed.map((event) => {
    const { address: vault, args, timestamp, transaction } = event
    const lock = `${vault}-${args.lockId}`
    return {
      ...{ id: eventId(event), vault, lock, to: args.to, amount: args.amount },
      operator: created.find((one) => one.args.vault === vault)!.args.operator,
      claim: voided.find((one) => one.lock === lock)?.id ?? null,
      ...{ fromSelfBond: args.fromSelfBond, fromDelegated: args.fromActive },
      ...{ fromLeaving: args.fromLeaving, timestamp, transaction },
    }
  })

  const requests = story.of('vault', 'RedeemRequest')
  const controllers = new Map(
    requests.map(({ address: vault, args }) => [
      `${vault}-${args.controller}-${args.requestId}`,
      { vault, controller: args.controller, requestId: args.requestId },
    ]),
  )
  const exits = Array.from(controllers, async ([id, { vault, controller, requestId }]) => {
    const exit = await ask<{ pendingShares: bigint; maturedShares: bigint; era: number }>(
      vault,
      'exitOf',
      [controller],
    )
    const ends = story.of('vault', 'ExitsVoided').filter(({ address }) => address === vault)
    const withdrawn = story
      .of('vault', 'Withdraw')
      .filter(({ address, args }) => address === vault && args.owner === controller)
    const left = exit.pendingShares + exit.maturedShares
    const withdrawnShares = sum(withdrawn.map(({ args }) => args.shares))
    return {
      ...{ id, vault, controller, requestId, era: exit.era, withdrawnShares },
      shares: left + withdrawnShares,
      withdrawn: sum(withdrawn.map(({ args }) => args.assets)),
      requestedAt: requests.findLast(
        ({ address, args }) => address === vault && args.controller === controller,
      )!.timestamp,
      isVoid: left > 0n && exit.era < ends.length,
    }
  })

  const operators = [...new Set(created.map(({ args }) => args.operator))].map((id) => {
    const own = Attempt.filter((one) => one.operator === id)
    const is = (...outcomes: string[]): number =>
      count(own, ({ outcome }) => outcomes.includes(outcome as string))
    const paid = own
      .filter(({ outcome }) => outcome === 'SETTLED')
      .map((one) => Job.find((job) => job.id === one.job)!)
    const [settled, failed] = [is('SETTLED'), is('VOIDED', 'ABANDONED')]
    const times = own.flatMap(({ takenAt, claimedAt, outcome, endedAt }) => [
      ...[takenAt, claimedAt, outcome === 'SETTLED' ? endedAt : null],
    ]) as (number | null)[]
    const vault = created.findLast(({ args }) => args.operator === id)!.args.vault
    const since = created.find(({ args }) => args.operator === id)!.timestamp
    return {
      ...{ id, vault, since, jobsTaken: own.length, jobsSettled: settled },
      ...{ jobsAbandoned: is('ABANDONED'), claimsVoided: is('VOIDED') },
      disputesDefended: count(Dispute, ({ status, claim }) => {
        const { attempt } = Claim.find((one) => one.id === claim)!
        return status === 'LOST' && own.some((one) => one.id === attempt)
      }),
      stepsSettled: sum(
        paid.map((job) => Computation.find((one) => one.id === job.computation)!.steps as bigint),
      ),
      earned: sum(paid.map((job) => job.paid as bigint)),
      slashed: sum(slashes.filter((one) => one.operator === id).map(({ amount }) => amount)),
      lastActiveAt: Math.max(since, ...times.map((time) => time ?? 0)),
      reliabilityBps:
        settled + failed === 0 ? null : Math.floor((10_000 * settled) / (settled + failed)),
      active: is('WORKING', 'CLAIMED'),
    }
  })
  return {
    Operator: operators,
    Vault: await Promise.all(vaults),
    Delegation: delegations,
    Lock: await Promise.all(locks),
    Slash: slashes,
    Exit: await Promise.all(exits),
  }
}
