import { jobRegistryAbi, verdeAbi } from '@lockstep/deployments'
import { CLAIM_STATUSES, JOB_STATUSES, DISPUTE_STATUSES } from '@lockstep/deployments/protocol'
import { encodeAbiParameters, keccak256, parseAbiParameters, zeroAddress, type Hex } from 'viem'
import type { Objects } from './answers.ts'
import { eventsOf } from './events.ts'
import { count, type Happened, type Story, sum } from './story.ts'

/** `jobs` of JobRegistry. */
interface StoredJob {
  readonly status: number
  readonly cancelling: boolean
  readonly submitter: Hex
  readonly deadline: number
  readonly workSeconds: number
  readonly attempt: number
  readonly feeBps: number
  readonly penaltyBps: number
  readonly reward: bigint
  readonly stake: bigint
  readonly computation: Hex
}

/** `computationOf` of Verde. */
interface StoredComputation extends Readonly<Record<string, unknown>> {
  readonly nodes: number
  readonly states: number
  readonly constants: number
  readonly nodesRoot: Hex
  readonly statesRoot: Hex
  readonly constantEntriesRoot: Hex
  readonly steps: number
  readonly interval: number
}

/** `claimOf` of Verde. */
interface StoredClaim {
  readonly checkpointRoot: Hex
  readonly finalStateRoot: Hex
  readonly computation: Hex
  readonly lockId: Hex
  readonly solver: Hex
  readonly params: number
  readonly voidPlace: number
  readonly delegate: Hex
  readonly vault: Hex
  readonly bondWei: bigint
  readonly windowEnd: number
  readonly count: number
  readonly isVoid: boolean
}

/** Computations, jobs, attempts, claims and answers; `now` tells the time on the chain. */
export async function workOf(story: Story, now: () => number): Promise<Objects> {
  const { jobRegistry, verde } = story.network.contracts
  const onVerde = async <T>(name: string, ...args: unknown[]) =>
    story.view<T>(verdeAbi, verde, name, args)
  const taken = story.of('jobRegistry', 'JobTaken')
  const claimed = story.of('jobRegistry', 'JobClaimed')
  const settled = story.of('jobRegistry', 'JobSettled')
  const abandoned = story.of('jobRegistry', 'JobAbandoned')
  const voided = story.of('verde', 'ClaimVoided')
  const released = story.of('verde', 'ReserveReleased')
  const made = story.of('verde', 'ClaimMade')
  const ends = [
    ...settled,
    ...story.of('jobRegistry', 'JobCancelled'),
    ...story.of('jobRegistry', 'JobExpired'),
  ]

  const computations = story.of('verde', 'ComputationRegistered').map(async ({ args: { id } }) => {
    const c = await onVerde<StoredComputation>('computationOf', id)
    return {
      ...c,
      id,
      steps: BigInt(c.steps),
      program: programOf(c),
      checkpoints: BigInt(Math.ceil(c.steps / c.interval) + 1),
    }
  })

  const claims = made.map(async ({ args, ...at }) => {
    const { claim: id } = args
    const c = await onVerde<StoredClaim>('claimOf', id)
    const status = await onVerde<number>('statusOf', id)
    const disputes = await Promise.all(
      Array.from({ length: c.count }, async (_, place) => {
        const [, , , of] = await onVerde<unknown[]>('disputeOf', (id << 32n) | BigInt(place))
        return DISPUTE_STATUSES[of as number]
      }),
    )
    const by = claimed.find((one) => one.args.claim === id)
    const end = voided.find((one) => one.args.claim === id)
    const { toChallenger = 0n, burned = 0n, toTreasury = 0n, reserved = 0n } = end?.args ?? {}
    const free = sum(released.filter((one) => one.args.claim === id).map((one) => one.args.amount))
    return {
      ...{ id, job: by?.args.job ?? null, computation: c.computation, solver: c.solver },
      attempt: by === undefined ? null : `${by.args.job}-${by.args.attempt}`,
      ...{ checkpointRoot: c.checkpointRoot, finalStateRoot: c.finalStateRoot },
      delegate: c.delegate === zeroAddress ? null : c.delegate,
      ...{ vault: c.vault, lock: `${c.vault}-${c.lockId}`, parameters: c.params },
      ...{ madeAt: at.timestamp, windowEnd: c.windowEnd, transaction: at.transaction },
      disputeCount: c.count,
      disputesActive: count(disputes, (one) => one === 'queued' || one === 'live'),
      disputesLost: count(disputes, (one) => one === 'lost'),
      isVoid: c.isVoid,
      voidedAt: end?.timestamp ?? null,
      voidedBy: c.isVoid ? (id << 32n) | BigInt(c.voidPlace) : null,
      slashed: toChallenger + burned + toTreasury + reserved,
      ...{ toChallenger, burned, toTreasury: toTreasury + free, reserved: reserved - free },
      status: CLAIM_STATUSES[status].toUpperCase(),
    }
  })

  const jobCount = Number(await story.view<bigint>(jobRegistryAbi, jobRegistry, 'jobCount', []))
  const known = await Promise.all(claims)
  const events = eventsOf(story)
  const jobs = Array.from({ length: jobCount }, async (_, i) => {
    const id = BigInt(i + 1)
    const of = <T extends { readonly args: { readonly job: bigint } }>(events: readonly T[]) =>
      events.findLast(({ args }) => args.job === id)
    const j = await story.view<StoredJob>(jobRegistryAbi, jobRegistry, 'jobs', [id])
    const posted = of(story.of('jobRegistry', 'JobPosted'))!
    const [last, paid, end] = [of(taken), of(settled), of(ends)]
    const claim = of(claimed)?.args.claim ?? null
    const held = known.find((one) => one.id === claim)
    const status = JOB_STATUSES[j.status].toUpperCase()
    const ordered = of(story.of('judge', 'EvaluationOrdered'))?.args
    return {
      ...{ id, status, submitter: j.submitter, computation: j.computation },
      ...{ reward: j.reward, stake: j.stake, workSeconds: j.workSeconds, deadline: j.deadline },
      ...{ feeBps: j.feeBps, penaltyBps: j.penaltyBps, attemptCount: j.attempt },
      ...{ isCancelling: j.cancelling, uri: posted.args.terms.uri, claim },
      operator: last?.args.solver ?? null,
      vault: last?.args.vault ?? null,
      takenAt: last?.timestamp ?? null,
      finalStateRoot: held?.finalStateRoot ?? null,
      paid: paid?.args.paid ?? null,
      fee: paid?.args.fee ?? null,
      evaluation: ordered ? `${ordered.contest}-${ordered.entrant}-${ordered.round}` : null,
      ...{ postedAt: posted.timestamp, transaction: posted.transaction },
      endedAt: end?.timestamp ?? null,
      clock: () => clockOf(status, j, last?.timestamp ?? 0, held, now()),
      lifeline: () => events.filter(({ job }) => job === id),
    }
  })

  const attempts = taken.map(({ args: { job, attempt: number, solver, vault, lockId }, ...at }) => {
    const own = <T extends { readonly args: { readonly job: bigint; readonly attempt: number } }>(
      events: readonly T[],
    ) => events.find(({ args }) => args.job === job && args.attempt === number)
    const [claim, given] = [own(claimed), own(abandoned)]
    const wrong = voided.find(({ args }) => args.claim === claim?.args.claim)
    const right = settled.find(({ args }) => args.claim === claim?.args.claim)
    const { workSeconds } = story
      .of('jobRegistry', 'JobPosted')
      .find(({ args }) => args.job === job)!.args.terms
    return {
      ...{ id: `${job}-${number}`, job, number, operator: solver, vault },
      ...{ lock: `${vault}-${lockId}`, claim: claim?.args.claim ?? null },
      outcome: right
        ? 'SETTLED'
        : wrong
          ? 'VOIDED'
          : given
            ? 'ABANDONED'
            : claim
              ? 'CLAIMED'
              : 'WORKING',
      penalty: given?.args.penalty ?? 0n,
      ...{ takenAt: at.timestamp, dueAt: at.timestamp + workSeconds },
      claimedAt: claim?.timestamp ?? null,
      endedAt: (right ?? wrong ?? given)?.timestamp ?? null,
    }
  })

  const answers = [
    ...story.of('verde', 'StepsCommitted').map(({ args, ...at }) => ({
      ...answerOf(args, 'STEPS', args.interval),
      ...placeOf(at),
    })),
    ...story.of('verde', 'GraphCommitted').map(({ args, ...at }) => ({
      ...answerOf(args, 'GRAPH', args.step),
      ...placeOf(at),
    })),
  ]
  return {
    Computation: await Promise.all(computations),
    Job: await Promise.all(jobs),
    Attempt: attempts,
    Claim: known,
    Answer: answers,
  }
}

/** docs/spec/repops.md, section 4.3. */
const programOf = (c: StoredComputation): Hex =>
  keccak256(
    encodeAbiParameters(
      parseAbiParameters('uint256, uint256, uint256, uint256, bytes32, bytes32, bytes32'),
      [
        ...([1n, BigInt(c.nodes), BigInt(c.states), BigInt(c.constants)] as const),
        ...([c.nodesRoot, c.statesRoot, c.constantEntriesRoot] as const),
      ],
    ),
  )

const answerOf = (
  { claim, root, time }: { claim: bigint; root: Hex; time: number },
  kind: 'STEPS' | 'GRAPH',
  index: number,
) => ({
  id: `${claim}-${kind.toLowerCase()}-${index}`,
  ...{ claim, kind, index: BigInt(index), root, answeredAt: time },
})

const placeOf = ({ gas, block, logIndex, transaction }: Omit<Happened, 'args'>) => ({
  ...{ gas, block, logIndex, transaction },
})

/** docs/spec/jobs-and-stake.md, section 2. */
function clockOf(
  status: string,
  job: StoredJob,
  takenAt: number,
  claim: { status: string; windowEnd: number; disputesActive: number } | undefined,
  now: number,
): object | null {
  const waits = (waitsFor: string, until: number): object =>
    now > until
      ? { waitsFor: 'TRANSACTION', until: null, secondsLeft: null }
      : { waitsFor, until, secondsLeft: until - now }
  if (status === 'OPEN') return waits('SOLVER', job.deadline)
  if (status === 'TAKEN') return waits('CLAIM', takenAt + job.workSeconds)
  if (status !== 'CLAIMED') return null
  if (claim!.status === 'VOID') return { waitsFor: 'TRANSACTION', until: null, secondsLeft: null }
  if (claim!.disputesActive > 0) return { waitsFor: 'DISPUTE', until: null, secondsLeft: null }
  return waits('WINDOW', claim!.windowEnd)
}
