import { jobRegistryAbi } from '@lockstep/deployments'
import { type Address, formatEther, parseEther, zeroAddress } from 'viem'
import { type Claim, readClaim, readComputation } from '../chain/claims.ts'
import { readClocks } from '../chain/clocks.ts'
import type { Head } from '../chain/connect.ts'
import type { Dispute } from '../chain/disputes.ts'
import {
  type Job,
  readJob,
  readJobClaims,
  readJobCount,
  readJobUri,
  readVault,
  type Vault,
} from '../chain/jobs.ts'
import { transact } from '../chain/transact.ts'
import { fail, LockstepError } from '../errors.ts'
import type { Prospect } from '../trace/prospect.ts'
import type { Trace } from '../trace/trace.ts'
import { answerDisputes, openDisputes } from './answering.ts'
import { EarliestFirst, type Task } from './earliest-first.ts'
import { Guard, isLasting, type Keeper, type Row, type Tick } from './keeper.ts'
import { type Pace, Stopwatch, tooSlow, undisturbed } from './pace.ts'
import { Standing } from './standing.ts'

/** What a solver accepts, and how it behaves. */
export interface SolverTerms {
  readonly vault: Address | undefined
  readonly delegate: Address | undefined
  readonly minReward: string
  readonly maxSteps: number
  /** Runs at the same time. */
  readonly parallelJobs: number
  readonly jobs: readonly bigint[] | undefined
  readonly submitters: readonly Address[] | undefined
  /** Other than `prompt` only to show what delay and silence cost. */
  readonly answers: 'prompt' | 'late' | 'never'
  /** How long the files of own settled jobs stay for their submitters. */
  readonly keepDays: number
  /** Whether a job that can never be taken is nothing to wait for. */
  readonly once: boolean
}

const DAY_SECONDS = 86_400
const PRUNE_MS = 600_000
/** At an estimate that stands against a job: minutes apart in the end. */
const MOST_SLOW_LOOKS = 6
/** A single one may be wrong, however far it is off. */
const LEAST_SLOW_LOOKS = 2

/** Every state that the chain can show of a job, seen by one solver. */
export type JobState =
  | 'open'
  | 'tooLate'
  | 'mine'
  | 'taken'
  | 'overdue'
  | 'claimed'
  | 'foreignClaim'
  | 'upheld'
  | 'void'
  | 'slashed'
  | 'final'

interface JobScene {
  readonly keeper: Keeper
  readonly solver: Solver
  readonly job: Job
  readonly state: JobState
  readonly claim: Claim | undefined
  readonly head: Head
}

/** What a solver does with a job. */
export const solving: Record<JobState, Row<JobScene>> = {
  open: { act: take },
  tooLate: {},
  mine: { act: work },
  taken: {},
  overdue: { act: close('abandon') },
  claimed: { act: answer },
  foreignClaim: {},
  upheld: { act: close('settle') },
  void: { act: close('reopen') },
  slashed: {}, // others have a use for the job
  final: {},
}

/** Nothing more happens to such a job. */
const isOver = (state: JobState): boolean => state === 'final' || state === 'tooLate'

/** Derived from the chain alone, each time anew. */
export function jobState(
  job: Pick<Job, 'status' | 'vault' | 'takenAt' | 'workSeconds' | 'deadline'>,
  claim: Pick<Claim, 'status'> | undefined,
  vault: string,
  time: bigint,
): JobState {
  const isMine = job.vault.toLowerCase() === vault.toLowerCase()
  switch (job.status) {
    case 'open':
      return time > BigInt(job.deadline) ? 'tooLate' : 'open'
    case 'taken':
      if (time > BigInt(job.takenAt + job.workSeconds)) return 'overdue'
      return isMine ? 'mine' : 'taken'
    case 'claimed':
      if (claim?.status === 'void') return isMine ? 'slashed' : 'void'
      if (!isMine) return 'foreignClaim'
      return claim?.status === 'upheld' ? 'upheld' : 'claimed'
    default:
      return 'final'
  }
}

/** Takes jobs, runs them, claims the results and answers for them. */
export class Solver {
  readonly terms: SolverTerms
  readonly guard: Guard
  readonly stopwatch = new Stopwatch()
  readonly standing: Standing
  /** Jobs that are taken and not yet claimed, as of this look at the chain. */
  readonly running = new Map<bigint, Job>()
  readonly #keeper: Keeper
  /** Jobs to which nothing more happens, and whether they have a result of ours. */
  readonly #over = new Map<bigint, boolean>()
  /** Jobs that were fetched and estimated. */
  readonly #prepared = new Map<bigint, Trace>()
  readonly #preparing = new EarliestFirst({ rests: true })
  #toPrepare: Task[] = []
  readonly #refusals = new Map<bigint, LockstepError>()
  /** How often the estimate of an open job stood against it that is to be looked at again. */
  readonly #slowLooks = new Map<bigint, number>()
  /** Open jobs that the terms leave to others. */
  readonly #unwanted = new Set<bigint>()
  #prunedMs = -Infinity
  /** As of this look at the chain; undefined where not every job could be read. */
  #scenes: readonly JobScene[] | undefined
  readonly #working = new Map<bigint, Promise<unknown>>()

  constructor(keeper: Keeper, terms: SolverTerms) {
    this.#keeper = keeper
    this.terms = terms
    this.guard = new Guard(keeper)
    this.standing = new Standing(keeper, 'solver')
  }

  readonly tick: Tick = async (head) => {
    const { contracts } = this.#keeper
    const { address: vault } = await this.vault()
    const ids = [...(this.terms.jobs ?? range(await readJobCount(contracts)))]
    const scenes: JobScene[] = []
    const wanted = ids.filter((id) => !this.#over.has(id))
    for (const id of wanted) {
      await this.guard.run(`reading job ${id}`, async () => {
        const job = await readJob(contracts, id)
        const claim = job.status === 'claimed' ? await readClaim(contracts, job.claim) : undefined
        const state = jobState(job, claim, vault, head.time)
        scenes.push({ keeper: this.#keeper, solver: this, job, state, claim, head })
      })
    }
    this.#scenes = scenes.length === wanted.length ? scenes : undefined
    this.running.clear()
    for (const { job, state } of scenes) if (state === 'mine') this.running.set(job.id, job)
    this.#toPrepare = []
    for (const scene of scenes) {
      const { job, state, claim } = scene
      const hasResult = job.status === 'settled' && isSame(job.vault, vault)
      if (isOver(state)) {
        this.#over.set(job.id, hasResult)
        this.#slowLooks.delete(job.id)
      }
      // In the hands of another: what was prepared is of no use, or not for long.
      if (state !== 'open' && state !== 'mine' && this.#prepared.delete(job.id))
        if (!isOver(state) && !isSame(job.vault, vault)) this.#leave(job, true)
      if (isOver(state)) this.#leave(job, hasResult)
      if (claim !== undefined && state !== 'claimed') this.#keeper.shared.withdraw(claim)
      await this.guard.run(`job ${job.id}`, async () => solving[state].act?.(scene))
    }
    this.#keeper.metrics.runningJobs.set(this.running.size)
    await this.guard.run('counting claims', () => this.standing.count())
    this.#preparing.want(this.#toPrepare)
    this.#prune()
    const left = ids.filter((id) => !this.#over.has(id))
    if (!this.terms.once) return left.length > 0 || this.#working.size > 0
    const isOpen = (id: bigint) =>
      scenes.some(({ job, state }) => job.id === id && state === 'open')
    return this.#working.size > 0 || !left.every(isOpen) || this.#isWorthWaiting(left)
  }

  /** Whether anything can come of open jobs; throws what keeps it from all that the terms allow. */
  #isWorthWaiting(open: readonly bigint[]): boolean {
    const wanted = open.filter((id) => !this.#unwanted.has(id))
    const problems = wanted.map((id) =>
      this.#slowLooks.has(id)
        ? undefined
        : [`job ${id}`, `preparing job ${id}`]
            .map((what) => this.guard.problem(what))
            .find(isLasting),
    )
    if (problems.includes(undefined)) return true
    const [problem] = problems
    if (problem !== undefined) throw problem
    return false
  }

  #prune(): void {
    if (performance.now() - this.#prunedMs < PRUNE_MS) return
    this.#prunedMs = performance.now()
    const { workshop } = this.#keeper
    const keepSeconds = this.terms.keepDays * DAY_SECONDS
    void this.guard.run('removing old files', () => workshop.prune(keepSeconds))
  }

  /** Leaves an open job to others, as the terms say. */
  pass({ id }: Job): void {
    this.#unwanted.add(id)
  }

  /**
   * The trace of a job that fits this machine, with its artifacts fetched. Undefined until that is done: strangers
   * decide how long it takes, so it is done in the background, for one job after the other, and after a failure
   * not again for a while. The estimate needs the program alone, and comes before any tensor is fetched.
   */
  prepared(job: Job, head: Head): Trace | undefined {
    const { id, computation, deadline } = job
    const trace = this.#prepared.get(id)
    if (trace !== undefined) return trace
    const prepare = async (): Promise<void> => {
      const { contracts, workshop } = this.#keeper
      const uri = await readJobUri(contracts, id, head.number)
      try {
        const prospect = await workshop.prospect(computation, uri)
        await prospect.checkMemory()
        await this.#decide(job, prospect)
        // Only now: tensors may be large, and nothing is kept of a job that is to be looked at again.
        const opening = workshop.open(computation, uri)
        this.#prepared.set(id, await opening.finally(() => this.#slowLooks.delete(id)))
      } catch (error) {
        if (error instanceof LockstepError && error.code === 'artifact-too-large')
          this.refuse(job, error)
        throw error
      } finally {
        // Its job ended meanwhile, and nobody will ask for it again.
        const hasResult = this.#over.get(id)
        if (hasResult !== undefined) this.#forget(job, hasResult)
      }
    }
    const run = () => this.guard.run(`preparing job ${id}`, prepare)
    this.#toPrepare.push({ id, deadline: BigInt(deadline), run })
    return undefined
  }

  /**
   * Lets a job through that this machine could run in time. Where programs that are none of ours may have made it slow,
   * what stands against a job is looked at again, later each time, and only in the end for good.
   */
  async #decide(job: Job, prospect: Prospect): Promise<void> {
    const clocks = await readClocks(this.#keeper.contracts)
    const problemOf = (pace: Pace) => tooSlow(pace, [], job.workSeconds, clocks)
    let pace = await this.stopwatch.settledPace(prospect)
    if (problemOf(pace) !== undefined) pace = await this.stopwatch.again(prospect)
    const problem = problemOf(pace)
    if (problem === undefined || this.running.has(job.id)) return
    const error = slow(job, problem)
    const before = this.#slowLooks.get(job.id) ?? 0
    // Estimated beside a run: a later look may find it faster.
    const looks = this.#working.size > 0 ? before : before + 1
    const most = problemOf(undisturbed(pace)) === undefined ? MOST_SLOW_LOOKS : LEAST_SLOW_LOOKS
    if (looks < most) {
      this.#forget(job)
      this.#slowLooks.set(job.id, looks)
    } else this.refuse(job, error)
    throw error
  }

  /** Has a job prepared again whose estimate has changed to one that stands against it. */
  reconsider({ id }: Job): void {
    this.#prepared.delete(id)
  }

  /** Why a job can never be taken on this machine, as far as that is known. */
  refusal(job: bigint): LockstepError | undefined {
    return this.#refusals.get(job)
  }

  /** Lets go of a job that can never be taken: strangers post as many as they like. */
  refuse(job: Job, problem: LockstepError): void {
    this.#refusals.set(job.id, problem)
    this.#forget(job)
  }

  #forget(job: Job, hasResult = false): void {
    this.#prepared.delete(job.id)
    this.#slowLooks.delete(job.id)
    this.#leave(job, hasResult)
  }

  /** Removes what is kept of a job's computation; `hasResult`: not its files, its submitter may still fetch it. */
  #leave({ id, computation }: Job, hasResult = false): void {
    const { workshop } = this.#keeper
    const isUsed = ({ job, state }: JobScene) =>
      job.id !== id && job.computation === computation && !isOver(state)
    if (this.#scenes === undefined || this.#scenes.some(isUsed)) return
    void this.guard.run(`leaving job ${id}`, async () => {
      if (hasResult) await workshop.leave(computation)
      else await workshop.forget(computation)
    })
  }

  /** Starts a task for a job unless it is under way: runs take long, and disputes do not wait for them. */
  background(job: bigint, task: () => Promise<void>): void {
    if (this.#working.has(job)) return
    const running = this.guard.run(`work on job ${job}`, task)
    this.#working.set(
      job,
      running.finally(() => this.#working.delete(job)),
    )
  }

  /** The vault that backs the work, and what of it no lock holds. */
  async vault(): Promise<Vault> {
    const { contracts, sender, metrics } = this.#keeper
    const vault = await readVault(contracts, sender.address, this.terms.vault)
    if (vault === undefined) {
      throw fail.stake({
        what: 'there is no staking vault',
        where: `operator ${sender.address}`,
        advice: 'create one: lockstep stake --amount <$AI>',
      })
    }
    if (vault.operator.toLowerCase() !== sender.address.toLowerCase()) {
      throw fail.stake({
        what: `the vault is run by ${vault.operator}`,
        where: `vault ${vault.address}, account ${sender.address}`,
        advice: "use the operator's key or your own vault",
      })
    }
    metrics.stake.set(Number(formatEther(vault.assets)))
    metrics.freeStake.set(Number(formatEther(vault.freeAssets)))
    return vault
  }
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function* range(count: bigint): Generator<bigint> {
  for (let id = 1n; id <= count; id++) yield id
}

async function take(scene: JobScene): Promise<void> {
  const { keeper, solver, job, head } = scene
  const { contracts, sender, log } = keeper
  const { minReward, maxSteps, parallelJobs, submitters } = solver.terms
  if (solver.running.size >= parallelJobs) return
  const isForeign = submitters?.every((one) => !isSame(one, job.submitter))
  if (job.reward < parseEther(minReward) || isForeign === true) {
    solver.pass(job)
    return
  }
  // A claim of ours that was voided came from this very run: it would be voided again.
  for (const earlier of await readJobClaims(contracts, { job: job.id }, head.number)) {
    const { solver: by } = await readClaim(contracts, earlier.claim)
    if (isSame(by, sender.address)) {
      solver.pass(job)
      return
    }
  }
  const vault = await solver.vault()
  if (vault.freeAssets < job.stake) {
    throw fail.stake({
      what: `${formatEther(vault.freeAssets)} $AI are free, the job wants ${formatEther(job.stake)}`,
      where: `vault ${vault.address}, job ${job.id}`,
      advice: 'stake more: lockstep stake --amount <$AI>',
    })
  }
  const { steps } = await readComputation(contracts, job.computation)
  if (steps > maxSteps) {
    solver.pass(job)
    return
  }
  const problem = await timeProblem(scene)
  if (problem === 'unknown') return
  if (problem !== undefined) throw problem
  await transact(sender, `take:${job.id}:${job.attempt}`, {
    abi: jobRegistryAbi,
    address: contracts.jobRegistry,
    functionName: 'take',
    args: [job.id, job.computation, vault.address],
  })
  solver.running.set(job.id, { ...job, takenAt: Number(head.time) })
  log.info({ job: job.id.toString(), reward: formatEther(job.reward) }, 'took a job')
}

const slow = (job: Job, what: string): LockstepError =>
  fail.tooSlow({
    what,
    where: `job ${job.id}`,
    advice: 'use a faster --backend or leave the job to others',
  })

/**
 * Why there is not enough time for a job beside those that are running; undefined if there is, `unknown` before all
 * of them are prepared.
 */
async function timeProblem({
  keeper,
  solver,
  job,
  head,
}: JobScene): Promise<LockstepError | 'unknown' | undefined> {
  const refusal = solver.refusal(job.id)
  if (refusal !== undefined) return refusal
  const jobs = [job, ...solver.running.values()]
  const [trace, ...traces] = jobs.map((one) => solver.prepared(one, head))
  if (trace === undefined || traces.includes(undefined)) return 'unknown'
  const others = await Promise.all(
    [...solver.running.values()].map(async ({ takenAt, workSeconds }, i) => ({
      runSeconds: (await solver.stopwatch.pace(traces[i]!)).runSeconds,
      timeLeftSeconds: takenAt + workSeconds - Number(head.time),
    })),
  )
  const clocks = await readClocks(keeper.contracts)
  const pace = await solver.stopwatch.pace(trace)
  if (tooSlow(pace, [], job.workSeconds, clocks) !== undefined) {
    solver.reconsider(job)
    return 'unknown'
  }
  const problem = tooSlow(pace, others, job.workSeconds, clocks)
  return problem === undefined ? undefined : slow(job, problem)
}

function work({ keeper, solver, job, head }: JobScene): Promise<void> {
  solver.background(job.id, async () => {
    const { contracts, sender, workshop, log } = keeper
    const uri = await readJobUri(contracts, job.id, head.number)
    const trace = await workshop.complete(job.computation, uri)
    if (!trace.isComplete) return // this process is to end
    const { checkpoints } = trace
    const last = checkpoints.count - 1
    const delegate = solver.terms.delegate ?? zeroAddress
    await transact(sender, `commit:${job.id}:${job.attempt}`, {
      abi: jobRegistryAbi,
      address: contracts.jobRegistry,
      functionName: 'commit',
      args: [
        job.id,
        checkpoints.root,
        checkpoints.leaf(last),
        checkpoints.open(0),
        checkpoints.open(last),
        delegate,
      ],
    })
    log.info({ job: job.id.toString(), finalStateRoot: checkpoints.leaf(last) }, 'claimed a result')
    const { status, claim } = await readJob(contracts, job.id)
    // A node that is behind does not have it yet: the next looks see to it.
    if (status === 'claimed')
      await keepReceipt(keeper, job, await readClaim(contracts, claim), trace)
  })
  return Promise.resolve()
}

/** Writes the receipt of an own claim, once. */
async function keepReceipt(
  { contracts, receipts }: Keeper,
  { id: job, attempt }: Job,
  claim: Claim,
  trace: Trace,
): Promise<void> {
  if (receipts.has(job, attempt, claim)) return
  const head = await contracts.chain.head()
  const uri = await readJobUri(contracts, job, head.number)
  await receipts.keep({ job, attempt, claim, uri }, trace)
}

async function answer({ keeper, solver, job, claim, head }: JobScene): Promise<void> {
  const { answers } = solver.terms
  if (claim === undefined) return
  const { contracts, workshop, receipts } = keeper
  const made = (await readJobClaims(contracts, { claim: claim.id }, head.number)).at(0)
  const uri = await readJobUri(contracts, job.id, head.number)
  const from = made?.block ?? contracts.fromBlock
  const disputes = await openDisputes(keeper, solver.guard, claim, from)
  solver.standing.see([claim.id], disputes)
  const isDue = ({ turn }: Dispute): boolean =>
    answers === 'prompt' || turn === undefined || turn.deadline - Number(head.time) <= LATE_SECONDS
  // Opened even where nobody disputes: challengers may ask for its checkpoints over HTTP. After a restart it may
  // have to be fetched or even run again, for which the disputes of other claims do not wait.
  const trace = workshop.completed(claim.computation)
  if (trace !== undefined && !receipts.has(job.id, job.attempt, claim))
    solver.background(job.id, () => keepReceipt(keeper, job, claim, trace))
  if (answers === 'never') return
  if (trace === undefined) {
    solver.background(job.id, async () => void (await workshop.complete(claim.computation, uri)))
    return
  }
  keeper.shared.offer(claim, trace)
  await answerDisputes(keeper, solver.guard, disputes.filter(isDue), trace, head)
}

// How long before the deadline a solver that answers late does it: enough for the replay and a few blocks.
const LATE_SECONDS = 15

/** One of the moves of a job that anyone may make. */
function close(functionName: 'settle' | 'reopen' | 'abandon') {
  return async ({ keeper, job }: JobScene): Promise<void> => {
    const { contracts, sender, log } = keeper
    await transact(sender, `${functionName}:${job.id}:${job.attempt}`, {
      abi: jobRegistryAbi,
      address: contracts.jobRegistry,
      functionName,
      args: [job.id],
    })
    log.info({ job: job.id.toString() }, functionName)
  }
}
