import { type Address, formatEther, type Hash, zeroAddress } from 'viem'
import { type Claim, disputeAt, readClaim } from '../chain/claims.ts'
import { type Dispute, isOpen, readDispute, readStatus } from '../chain/disputes.ts'
import { fail } from '../errors.ts'
import type { TracePeer } from '../trace/peer.ts'
import {
  type Case,
  challenge,
  chooseElement,
  chooseInterval,
  chooseNode,
  choosePartial,
  chooseStep,
  prove,
} from '../walk/choices.ts'
import type { DisputeState } from '../walk/dispute-state.ts'
import type { Plan } from '../walk/plan.ts'
import { callTime, follow } from './answering.ts'
import { ClaimWatch } from './claim-watch.ts'
import { collect, type Dues, hurry, reclaimBonds } from './collecting.ts'
import { Judge, type Question, type Verdict } from './judge.ts'
import { Guard, type Keeper, move, type Row, type Tick } from './keeper.ts'
import { Standing } from './standing.ts'

/** What a challenger watches, and what it may use. */
export interface ChallengerTerms {
  readonly delegate: Address | undefined
  readonly claims: readonly bigint[] | undefined
  readonly peers: readonly TracePeer[]
}

/** Every state that the chain and the own replay can show of a claim, seen by one challenger. */
export type ClaimState = 'none' | 'unchecked' | 'right' | 'wrong' | 'disputed' | 'decided' | 'own'

interface ClaimScene extends Dues {
  readonly challenger: Challenger
}

interface DisputeScene {
  readonly keeper: Keeper
  readonly claim: Claim
  readonly dispute: Dispute
  readonly verdict: Verdict
}

/** What a challenger does with a claim. */
export const watching: Record<ClaimState, Row<ClaimScene>> = {
  none: {}, // the node that answers is behind the one that showed the event: the next look will see it
  unchecked: { act: ({ challenger, ...dues }) => challenger.wait(dues) },
  right: {},
  wrong: { act: ({ challenger, ...dues }) => challenger.dispute(dues) },
  disputed: { act: ({ challenger, ...dues }) => challenger.walk(dues) },
  decided: { act: ({ challenger, ...dues }) => challenger.finish(dues) },
  own: {},
}

/** What a challenger does in its dispute. */
export const challenging: Record<DisputeState, Row<DisputeScene>> = {
  queued: {},
  choosingInterval: { act: choose(chooseInterval) },
  awaitingReveal: { late: callTime },
  awaitingSteps: { late: callTime },
  choosingStep: { act: choose(chooseStep) },
  awaitingGraph: { late: callTime },
  choosingNode: { act: choose(chooseNode) },
  choosingElement: { act: choose(chooseElement) },
  awaitingPartials: { late: callTime },
  choosingPartial: { act: choose(choosePartial) },
  readyToProve: { act: choose(prove) },
  won: {},
  lost: {},
  closed: {},
}

function choose(plan: (scene: Case, dispute: Dispute) => Promise<Plan>) {
  return async ({ keeper, claim, dispute, verdict }: DisputeScene): Promise<void> => {
    if (verdict.kind !== 'wrong') return
    const planned = await plan({ claim, ...verdict.scene }, dispute)
    await move(keeper, `${dispute.id}:${dispute.position.hash}`, planned)
  }
}

// A dispute lost by lateness is tried again while the window is open; each try costs a bond.
const MOST_DISPUTES = 3

/** Derived from the chain and the replay, each time anew. */
export function claimState(
  claim: Pick<Claim, 'status' | 'solver' | 'windowEnd'>,
  verdict: Verdict['kind'] | undefined,
  disputes: readonly Pick<Dispute, 'status'>[],
  us: string,
  time: bigint,
): ClaimState {
  if (claim.status === 'none') return 'none'
  if (claim.solver.toLowerCase() === us.toLowerCase()) return 'own'
  if (disputes.some(isOpen)) return verdict === undefined ? 'unchecked' : 'disputed'
  if (claim.status !== 'pending' || time > claim.windowEnd || disputes.length >= MOST_DISPUTES) {
    return 'decided'
  }
  if (disputes.some(({ status }) => status === 'won')) return 'decided'
  if (verdict === undefined) return 'unchecked'
  return verdict === 'right' ? 'right' : 'wrong'
}

/** Replays claims in their window, and disputes those that are wrong until they are judged and paid. */
export class Challenger {
  readonly #keeper: Keeper
  readonly #terms: ChallengerTerms
  readonly #guard: Guard
  readonly #watch: ClaimWatch
  readonly #judge: Judge
  readonly #standing: Standing
  /** Claims that are not over, with the blocks of their events. */
  readonly #claims = new Map<bigint, bigint>()
  readonly #computations = new Map<bigint, Hash>()
  #questions: Question[] = []

  constructor(keeper: Keeper, terms: ChallengerTerms) {
    this.#keeper = keeper
    this.#terms = terms
    this.#guard = new Guard(keeper)
    this.#watch = new ClaimWatch(keeper.contracts)
    this.#standing = new Standing(keeper, 'challenger')
    this.#judge = new Judge(keeper, this.#guard, terms.peers)
  }

  readonly tick: Tick = async (head) => {
    const { contracts, sender } = this.#keeper
    for (const { id, block } of await this.#watch.read(head)) {
      if (this.#terms.claims?.includes(id) ?? true) this.#claims.set(id, block)
    }
    await this.#guard.run('events', () => this.#watch.compareWithJobs())
    const before = this.#questions
    this.#questions = []
    let busy = false
    for (const [id, block] of this.#claims) {
      let isQuiet = false
      await this.#guard.run(`claim ${id}`, async () => {
        const claim = await readClaim(contracts, id)
        this.#computations.set(id, claim.computation)
        const disputes = await this.#ownDisputes(claim, block)
        this.#standing.see([], disputes)
        const verdict = this.#judge.verdict(id)?.kind
        const state = claimState(claim, verdict, disputes, sender.address, head.time)
        if (state === 'own') {
          this.#claims.delete(id)
          this.#computations.delete(id) // the solver's, to keep or remove
        }
        if (state === 'decided' && before.some((question) => question.claim.id === id))
          this.#reportMissed(claim)
        const scene = { challenger: this, keeper: this.#keeper, claim, block, disputes, head }
        await watching[state].act?.(scene)
        isQuiet = !this.#claims.has(id) || (state === 'decided' && disputes.length === 0)
      })
      busy ||= !isQuiet
    }
    this.#judge.ask(this.#questions, head)
    this.#keeper.metrics.openClaims.set(this.#claims.size)
    await this.#guard.run('counting disputes', () => this.#standing.count())
    this.#tidy()
    return busy
  }

  /** Has the claim run again. A dispute that is under way is nevertheless not left to itself. */
  async wait({ keeper, claim, disputes, head }: Dues): Promise<void> {
    const turns = disputes.flatMap(({ turn }) => (turn === undefined ? [] : BigInt(turn.deadline)))
    const deadline = turns.reduce((a, b) => (a < b ? a : b), turns.at(0) ?? claim.windowEnd)
    this.#questions.push({ claim, deadline })
    for (const dispute of disputes) {
      const isSolverLate =
        dispute.turn?.solver === true && head.time > BigInt(dispute.turn.deadline)
      if (isSolverLate) await callTime({ keeper, dispute })
    }
  }

  async dispute({ claim, disputes, head }: Dues): Promise<void> {
    const verdict = this.#judge.verdict(claim.id)
    if (verdict === undefined || verdict.kind === 'right') return
    const { sender, contracts, log } = this.#keeper
    const { challengerSeconds } = claim.clocks
    if (verdict.kind === 'wrong' && verdict.pace.replaySeconds > challengerSeconds) {
      throw fail.tooSlow({
        what: `a replay takes about ${Math.ceil(verdict.pace.replaySeconds)} s, a dispute leaves ${challengerSeconds}`,
        where: `claim ${claim.id}, which is wrong`,
        advice: 'use a faster --backend: the bond would be lost',
      })
    }
    const balanceWei = await contracts.chain.client.getBalance({ address: sender.address })
    if (balanceWei < claim.bondWei) {
      throw fail.funds({
        what: `the bond is ${formatEther(claim.bondWei)} ether, there are ${formatEther(balanceWei)}`,
        where: `account ${sender.address}, claim ${claim.id}`,
        advice: 'send it ether before the window closes',
      })
    }
    if (verdict.kind === 'wrong')
      verdict.scene.evidence.beginMove(Number(claim.windowEnd - head.time))
    const delegate = this.#terms.delegate ?? zeroAddress
    const plan: Plan =
      verdict.kind === 'wrong'
        ? await challenge({ claim, ...verdict.scene }, delegate)
        : { functionName: 'challengeByDemand', args: [claim.id, delegate], valueWei: claim.bondWei }
    await move(this.#keeper, `${claim.id}:${disputes.length}`, plan)
    log.info({ claim: claim.id.toString(), move: plan.functionName }, 'disputed a claim')
  }

  async walk(dues: Dues): Promise<void> {
    const { keeper, claim, disputes, head } = dues
    const verdict = this.#judge.verdict(claim.id)
    if (verdict === undefined) return
    for (const dispute of disputes) {
      // Ours is not live before one of those that came earlier is decided.
      if (dispute.status === 'queued') await hurry(dues, dispute.place)
      if (dispute.status !== 'live') continue
      if (verdict.kind === 'wrong') {
        const { evidence } = verdict.scene
        evidence.absorb(dispute)
        evidence.beginMove(Number(BigInt(dispute.turn?.deadline ?? 0) - head.time))
      }
      if (verdict.kind === 'malformed')
        await move(keeper, `${dispute.id}`, verdict.show(dispute.id))
      else await follow(challenging, { keeper, claim, dispute, verdict }, head, 'challenger')
    }
    await reclaimBonds(dues)
  }

  async finish(dues: Dues): Promise<void> {
    if (await collect(dues)) return
    this.#claims.delete(dues.claim.id)
    this.#judge.forget(dues.claim.id)
  }

  /** Removes what is kept of computations of which no claim is open any more. */
  #tidy(): void {
    const open = [...this.#claims.keys()].map((id) => this.#computations.get(id))
    if (open.includes(undefined)) return // one could not be read
    for (const [id, computation] of this.#computations) {
      if (this.#claims.has(id)) continue
      this.#computations.delete(id)
      if (open.includes(computation)) continue
      void this.#guard.run(`removing ${computation}`, () =>
        this.#keeper.workshop.forget(computation),
      )
    }
  }

  #reportMissed({ id, status, windowEnd }: Claim): void {
    if (status === 'void' || this.#judge.verdict(id) !== undefined) return
    this.#keeper.metrics.missed.inc()
    this.#keeper.log.error(
      { claim: id.toString(), windowEnd: windowEnd.toString() },
      'a claim was not checked before its window ended',
    )
  }

  async #ownDisputes(claim: Claim, block: bigint): Promise<Dispute[]> {
    const { contracts, sender } = this.#keeper
    const found: Dispute[] = []
    for (let place = 0; place < claim.disputes; place++) {
      const id = disputeAt(claim.id, place)
      const { challenger } = await readStatus(contracts, id)
      if (challenger.toLowerCase() !== sender.address.toLowerCase()) continue
      found.push(await readDispute(contracts, id, block))
    }
    return found
  }
}
