import { jobRegistryAbi } from '@lockstep/deployments'
import type { Hash } from '@lockstep/repops'
import type { Hex } from 'viem'
import type { Head } from '../chain/connect.ts'
import { type Contest, contestName, readContest, readContestIds } from '../chain/contests.ts'
import { type EvaluationJob, readEvaluationJobs } from '../chain/evaluation-jobs.ts'
import { transact } from '../chain/transact.ts'
import {
  type Commitment,
  type ContestScene,
  type DueMove,
  dueMoves,
  isOver,
} from '../contest/due.ts'
import type { EvaluatorLimits } from '../contest/evaluator.ts'
import {
  concludeContest,
  dropEvaluation,
  giveNotice,
  orderEvaluation,
  reportScore,
  returnEscrow,
} from '../contest/moves.ts'
import type { Office } from '../contest/office.ts'
import { attestationFor, commitmentOf, reveal } from '../contest/reveal.ts'
import { type Score, scoreOf } from '../contest/score.ts'
import type { Secrets } from '../contest/secrets.ts'
import { LockstepError } from '../errors.ts'
import { Recent } from '../files/recent.ts'
import { EarliestFirst, type Task } from './earliest-first.ts'
import { inTurn } from './in-turn.ts'
import { Guard, isLasting, type Keeper, type Tick } from './keeper.ts'
import { Pauses } from './pauses.ts'

/** What an evaluator takes on. */
export interface EvaluatorRoleTerms {
  /**
   * Only these; or every contest; or those that this account has opened, or holds secrets of. Of the last kind it sees
   * to its own entrants only, or strangers could enter and make it pay for gas.
   */
  readonly contests: readonly bigint[] | 'all' | undefined
  /** Where attesters can fetch what this keeper reveals. */
  readonly uri: string | undefined
  readonly limits: EvaluatorLimits
  /** Whether contests that cannot be read for good are nothing to wait for. */
  readonly once: boolean
}

// What one look does at most; what is left comes at the next.
const CONTESTS_A_LOOK = 16
const MOVES_A_LOOK = 16
// Whoever solved a job, or wants it, closes it in its own interest; this keeper does when nobody has for so long.
const GRACE_SECONDS = 120
const KEPT_TIMES = 4096

/**
 * Keeps contests going: reveals what this keeper committed to, orders evaluations, reports their scores, gives up what
 * comes to nothing, concludes, returns escrows. What is due is derived from the chain at each look, and every move is
 * an intent of the sender's, so a process that was killed does nothing twice. Attestations and scores are fetched in the
 * background, since others decide how long they take.
 */
export class EvaluatorRole {
  readonly #keeper: Keeper
  readonly #office: Office
  readonly #terms: EvaluatorRoleTerms
  readonly #guard: Guard
  readonly #pauses = new Pauses()
  readonly #over = new Set<bigint>()
  /** Where the next look begins among the contests, if they are too many for one. */
  #next = 0
  readonly #attesting = new EarliestFirst({ rests: true })
  readonly #attestations = new Map<Hash, Hex>()
  readonly #scoring = new EarliestFirst({ rests: true })
  /** By job, of evaluations that are not over. */
  readonly #scores = new Map<bigint, Score>()
  /** What was fetched or run for scores, by job. */
  readonly #computations = new Map<bigint, Hash>()
  readonly #unreportable = new Set<bigint>()
  /** Since when the closing of a job's attempt is due, as far as this process has seen. */
  readonly #dueSince = new Recent<string, bigint>(KEPT_TIMES)

  constructor(keeper: Keeper, secrets: Secrets, terms: EvaluatorRoleTerms) {
    const { contracts, sender, log, workshop } = keeper
    this.#keeper = keeper
    this.#office = {
      contracts,
      sender,
      log,
      secrets,
      limits: terms.limits,
      mirror: workshop.mirror,
    }
    this.#terms = terms
    this.#guard = new Guard(keeper)
  }

  readonly tick: Tick = async (head) => {
    this.#pauses.look()
    const ids = (await this.#ids(head)).filter((id) => !this.#over.has(id))
    this.#keeper.metrics.contests.set(ids.length)
    const scenes: ContestScene[] = []
    for (const id of this.#turn(ids)) {
      await this.#guard.run(reading(id), async () => void scenes.push(await this.#look(id, head)))
    }
    for (const scene of scenes) {
      await this.#tidy(scene)
      if (isOver(scene)) this.#leave(scene.contest)
    }
    const due = scenes.map((scene) => ({ scene, moves: dueMoves(scene) }))
    this.#prepare(due, head)
    await this.#makeSome(due, head)
    const left = ids.filter((id) => !this.#over.has(id))
    const problems = left.map((id) => this.#guard.problem(reading(id)))
    if (this.#terms.once && left.length > 0 && problems.every(isLasting)) throw problems[0]
    return left.length > 0
  }

  async #ids({ number }: Head): Promise<readonly bigint[]> {
    const { contests } = this.#terms
    if (contests !== undefined && contests !== 'all') return contests
    const { contracts, sender, secrets } = this.#office
    const all = await readContestIds(contracts, number)
    if (contests === 'all') return all
    // Not those that name it as an owner: anybody can enter for anybody, and make it pay for gas.
    const opener = sender.address
    const opened = await contracts.history.events('ContestOpened', { opener }, number)
    const own = new Set([...opened.map(({ args }) => args.contest), ...secrets.contests()])
    return all.filter((id) => own.has(id))
  }

  /** So many of them as one look takes, beginning where the last one ended. */
  #turn(ids: readonly bigint[]): bigint[] {
    const first = this.#next < ids.length ? this.#next : 0
    const turn = [...ids.slice(first), ...ids.slice(0, first)].slice(0, CONTESTS_A_LOOK)
    this.#next = first + turn.length
    return turn
  }

  async #look(id: bigint, head: Head): Promise<ContestScene> {
    const { contracts, secrets, sender } = this.#office
    const contest = await readContest(contracts, id, head.number)
    const isOwn = (address: string) => address.toLowerCase() === sender.address.toLowerCase()
    const caresForAll = isOwn(contest.opener) || this.#terms.contests !== undefined
    return {
      contest,
      jobs: await readEvaluationJobs(contracts, contest),
      time: Number(head.time),
      held: secrets.commitments(id),
      unreportable: this.#unreportable,
      caresFor: (entrant) => caresForAll || isOwn(contest.entrants[entrant].owner),
    }
  }

  /** Lets go of what was fetched for evaluations that are over, whoever reported them. */
  async #tidy({ contest, jobs }: ContestScene): Promise<void> {
    const pending = new Set(jobs.map(({ job }) => job.id))
    for (const { job } of contest.evaluations.filter((of) => !pending.has(of.job))) {
      const computation = this.#computations.get(job)
      if (computation === undefined) continue
      this.#scores.delete(job)
      this.#unreportable.delete(job)
      this.#computations.delete(job)
      await this.#keeper.workshop.forget(computation)
    }
  }

  #leave({ id, rounds, entrants }: Contest): void {
    this.#over.add(id)
    for (const { commitment } of [...rounds, ...entrants]) this.#attestations.delete(commitment)
    this.#keeper.log.info({ contest: contestName(id) }, 'contest is over')
  }

  /** Has everything fetched in the background that moves need; a move can be made once it is there. */
  #prepare(due: readonly Due[], { time }: Head): void {
    const attesting: Task[] = []
    const scoring: Task[] = []
    for (const { scene, moves } of due) {
      const { contest } = scene
      for (const move of moves) {
        if (move.kind === 'reveal') {
          const commitment = commitmentOf(contest, move.of)
          if (commitment === undefined || this.#attestations.has(commitment)) continue
          const run = () => this.#attest(contest, move.of, commitment)
          attesting.push({ id: BigInt(commitment), deadline: BigInt(move.by), run })
        } else if (move.kind === 'report' && !this.#scores.has(move.at.job.id)) {
          const run = () => this.#score(contest, move.at)
          scoring.push({ id: move.at.job.id, deadline: time, run })
        }
      }
    }
    this.#attesting.want(attesting)
    this.#scoring.want(scoring)
  }

  #attest(contest: Contest, of: Commitment, commitment: Hash): Promise<boolean> {
    const what = `attestation of ${of.constant === 0 ? 'entrant' : 'round'} ${of.index}`
    return this.#guard.run(`${what} of contest ${contestName(contest.id)}`, async () => {
      const attestation = await attestationFor(this.#office, contest, of, this.#terms.uri)
      this.#attestations.set(commitment, attestation)
    })
  }

  #score(contest: Contest, { job }: EvaluationJob): Promise<boolean> {
    return this.#guard.run(`score of job ${job.id}`, async () => {
      this.#computations.set(job.id, job.computation)
      try {
        this.#scores.set(job.id, await scoreOf(this.#keeper, contest, job))
      } catch (error) {
        const isWrong = error instanceof LockstepError && error.code === 'negative'
        if (isWrong && !this.#unreportable.has(job.id)) {
          this.#unreportable.add(job.id)
          this.#keeper.metrics.unreportable.inc()
        }
        throw error
      }
    })
  }

  /** Makes moves that can be made, of one contest after the other in turn, so that none keeps the others waiting. */
  async #makeSome(due: readonly Due[], head: Head): Promise<void> {
    const able = due.map(({ scene: { contest }, moves }) =>
      moves.filter((move) => this.#isAble(contest, move, head)).map((move) => ({ contest, move })),
    )
    for (const { contest, move } of inTurn(able, MOVES_A_LOOK)) {
      const what = nameOf(contest, move)
      const worked = await this.#guard.run(what, () => this.#make(contest, move))
      this.#pauses[worked ? 'worked' : 'failed'](what)
    }
  }

  #isAble(contest: Contest, move: DueMove, { time }: Head): boolean {
    if (this.#pauses.isPaused(nameOf(contest, move))) return false
    switch (move.kind) {
      case 'reveal':
        return this.#attestations.has(commitmentOf(contest, move.of) ?? '0x')
      case 'report':
        return this.#scores.has(move.at.job.id)
      case 'settle':
      case 'reopen':
      case 'abandon': {
        const key = `${move.kind}:${move.at.job.id}:${move.at.job.attempt}`
        const since = this.#dueSince.get(key) ?? time
        this.#dueSince.set(key, since)
        return time > since + BigInt(GRACE_SECONDS)
      }
      default:
        return true
    }
  }

  async #make(contest: Contest, move: DueMove): Promise<void> {
    const office = this.#office
    switch (move.kind) {
      case 'reveal': {
        const commitment = commitmentOf(contest, move.of) ?? '0x'
        const attestation = this.#attestations.get(commitment) ?? '0x'
        // It may be that of another signer: the next one is asked for anew.
        this.#attestations.delete(commitment)
        return reveal(office, contest, move.of, attestation)
      }
      case 'order':
        return void (await orderEvaluation(office, contest, move.entrant, move.round))
      case 'report':
        return this.#report(contest, move.at)
      case 'notice':
      case 'drop': {
        const { entrant, round } = move.at.evaluation
        const give = move.kind === 'notice' ? giveNotice : dropEvaluation
        return give(office, contest, entrant, round)
      }
      case 'conclude':
        return concludeContest(office, contest)
      case 'return':
        return void (await returnEscrow(office, contest, move.entrant))
      default:
        return this.#close(move.kind, move.at)
    }
  }

  async #report(contest: Contest, { evaluation, job }: EvaluationJob): Promise<void> {
    const found = this.#scores.get(job.id)
    if (found === undefined) return
    await reportScore(this.#office, contest, evaluation, found.score, found.proof)
  }

  /** One of the moves of a job that anyone may make. */
  async #close(
    functionName: 'settle' | 'reopen' | 'abandon',
    { job }: EvaluationJob,
  ): Promise<void> {
    const { contracts, sender, log } = this.#office
    await transact(sender, `${functionName}:${job.id}:${job.attempt}`, {
      abi: jobRegistryAbi,
      address: contracts.jobRegistry,
      functionName,
      args: [job.id],
    })
    log.info({ job: String(job.id) }, functionName)
  }
}

interface Due {
  readonly scene: ContestScene
  readonly moves: readonly DueMove[]
}

const reading = (id: bigint): string => `reading contest ${contestName(id)}`

/** A move by a name that it keeps from look to look. */
function nameOf({ id }: Contest, move: DueMove): string {
  const what = (): string => {
    if (move.kind === 'reveal')
      return `${move.of.constant === 0 ? 'entrant' : 'round'} ${move.of.index}`
    if (move.kind === 'order') return `entrant ${move.entrant} in round ${move.round}`
    if (move.kind === 'return') return `entrant ${move.entrant}`
    return move.kind === 'conclude' ? 'it' : `job ${move.at.job.id}`
  }
  return `${move.kind} ${what()} of contest ${contestName(id)}`
}
