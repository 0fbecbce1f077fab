import { join } from 'node:path'
import type { Claim } from '../chain/claims.ts'
import type { Head } from '../chain/connect.ts'
import { readJobClaims, readJobUri } from '../chain/jobs.ts'
import type { TracePeer } from '../trace/peer.ts'
import type { StopAt, Trace } from '../trace/trace.ts'
import { fetchProgram } from '../trace/work.ts'
import { programRootOf } from '../trace/workshop.ts'
import type { Case } from '../walk/choices.ts'
import { Evidence } from '../walk/evidence.ts'
import { findMalformed, showMalformed } from '../walk/malformed.ts'
import type { Plan } from '../walk/plan.ts'
import { EarliestFirst } from './earliest-first.ts'
import type { Guard, Keeper } from './keeper.ts'
import { type Pace, Stopwatch } from './pace.ts'

/** What a replay has shown of a claim. */
export type Verdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly scene: Omit<Case, 'claim'>; readonly pace: Pace }
  | { readonly kind: 'malformed'; readonly show: (dispute: bigint) => Plan; readonly why: string }

// Behind every real deadline.
const LAST = 1n << 64n

/** A claim that waits for its verdict, and the unix second after which that is of no use. */
export interface Question {
  readonly claim: Claim
  readonly deadline: bigint
}

/**
 * Runs claimed computations again, the one with the earliest deadline first. One that is under way stops for it
 * after its next step and goes on from there later.
 */
export class Judge {
  readonly #keeper: Keeper
  readonly #guard: Guard
  readonly #peers: readonly TracePeer[]
  readonly #stopwatch = new Stopwatch()
  readonly #verdicts = new Map<bigint, Verdict>()
  /** Claims that cannot be run again in time; they come last. */
  readonly #hopeless = new Set<bigint>()
  readonly #queue = new EarliestFirst()

  constructor(keeper: Keeper, guard: Guard, peers: readonly TracePeer[]) {
    this.#keeper = keeper
    this.#guard = guard
    this.#peers = peers
    const { checkedClaims, tooSlow } = keeper.metrics
    for (const verdict of ['right', 'wrong', 'malformed']) checkedClaims.inc({ verdict }, 0)
    for (const what of ['run', 'replay']) tooSlow.inc({ what }, 0)
  }

  verdict(claim: bigint): Verdict | undefined {
    return this.#verdicts.get(claim)
  }

  forget(claim: bigint): void {
    this.#verdicts.delete(claim)
    this.#hopeless.delete(claim)
  }

  /** Works on the most urgent of all open questions; the answer is there at a later look. */
  ask(questions: readonly Question[], head: Head): void {
    const tasks = questions.map((question) => {
      const { id } = question.claim
      return {
        id,
        deadline: question.deadline + (this.#hopeless.has(id) ? LAST : 0n),
        run: () => this.#guard.run(`check of claim ${id}`, () => this.#answer(question, head)),
      }
    })
    this.#queue.want(tasks)
  }

  async #answer(question: Question, head: Head): Promise<void> {
    const { id } = question.claim
    const verdict = await this.#judge(question, head)
    if (verdict === undefined) return
    this.#verdicts.set(id, verdict)
    this.#keeper.metrics.checkedClaims.inc({ verdict: verdict.kind })
    const why = 'why' in verdict ? { why: verdict.why } : {}
    this.#keeper.log.info(
      { claim: id.toString(), verdict: verdict.kind, ...why },
      'checked a claim',
    )
  }

  /** Undefined if another question is more urgent. */
  async #judge({ claim, deadline }: Question, head: Head): Promise<Verdict | undefined> {
    const { contracts, workshop, log } = this.#keeper
    const made = (await readJobClaims(contracts, { claim: claim.id }, head.number)).at(0)
    const uri = made && (await readJobUri(contracts, made.job, head.number))
    const computation = await workshop.computation(claim.computation)
    const { encoded, commitment } = await fetchProgram(
      workshop.mirrorFor(uri, claim.computation),
      programRootOf(computation),
      computation,
    )
    const problem = await findMalformed(encoded)
    if (problem !== undefined) {
      const show = (dispute: bigint) => showMalformed(dispute, problem, encoded, commitment)
      return { kind: 'malformed', show, why: problem.message }
    }
    const trace = await workshop.open(claim.computation, uri)
    const leftSeconds = Math.max(0, Number(deadline - head.time))
    const pace = await this.#stopwatch.pace(trace, leftSeconds)
    if (pace.runSeconds > leftSeconds && !this.#hopeless.has(claim.id)) {
      this.#hopeless.add(claim.id)
      this.#report(claim, 'run', pace.runSeconds, leftSeconds)
      return undefined // to its new place
    }
    const path = join(workshop.folderOf(claim.computation), 'claims', `${claim.id}.jsonl`)
    const evidence = new Evidence(claim.checkpointRoot, this.#peers, path, log)
    // A solver that shares its checkpoints is caught at the first wrong one, without running to the end.
    const isWrong = async (soFar: Trace): Promise<boolean> => {
      const tree = evidence.tree(claim.checkpointRoot, soFar.checkpointsSoFar)
      evidence.beginMove(leftSeconds)
      const difference = await evidence.descend(tree, { tree: 'checkpoints' })
      return difference.kind === 'leaf' && difference.index < soFar.checkpointsDone
    }
    const stop = async (soFar: Trace, at: StopAt) =>
      !this.#queue.isFirst(claim.id) || (at === 'checkpoint' && (await isWrong(soFar)))
    await workshop.complete(claim.computation, uri, stop)
    if (trace.isComplete && trace.checkpoints.root === claim.checkpointRoot)
      return { kind: 'right' }
    if (!trace.isComplete && !(await isWrong(trace))) return undefined
    const { challengerSeconds } = claim.clocks
    const isSlow = pace.replaySeconds > challengerSeconds
    const sure = isSlow ? await this.#stopwatch.again(trace) : pace
    if (sure.replaySeconds > challengerSeconds)
      this.#report(claim, 'replay', sure.replaySeconds, challengerSeconds)
    return { kind: 'wrong', scene: { trace, evidence }, pace: sure }
  }

  /** A claim that this machine is too slow for. */
  #report({ id }: Claim, what: 'run' | 'replay', seconds: number, leftSeconds: number): void {
    this.#keeper.metrics.tooSlow.inc({ what })
    this.#keeper.log.error(
      { claim: id.toString(), what, seconds: Math.ceil(seconds), leftSeconds },
      'too slow for a claim: use a faster --backend',
    )
  }
}
