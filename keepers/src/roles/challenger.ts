import { join } from 'node:path'
import { type Address, formatEther, zeroAddress } from 'viem'
import { verdeAbi } from '@lockstep/deployments'
import { type Claim, disputeAt, readClaim, readClaimIds, readComputation } from '../chain/claims.ts'
import type { Head } from '../chain/connect.ts'
import { type Dispute, readDispute } from '../chain/disputes.ts'
import { readJobClaims, readJobUri } from '../chain/jobs.ts'
import { fail } from '../errors.ts'
import type { TracePeer } from '../trace/peer.ts'
import type { Trace } from '../trace/trace.ts'
import { fetchProgram } from '../trace/work.ts'
import { programRootOf } from '../trace/workshop.ts'
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
import { Evidence } from '../walk/evidence.ts'
import { findMalformed, showMalformed } from '../walk/malformed.ts'
import type { Plan } from '../walk/plan.ts'
import { callTime, follow } from './answering.ts'
import { Guard, type Keeper, move, type Row, type Tick } from './keeper.ts'

/** What a challenger watches, and what it may use. */
export interface ChallengerTerms {
  readonly delegate: Address | undefined
  readonly claims: readonly bigint[] | undefined
  readonly peers: readonly TracePeer[]
}

/** What a replay has shown of a claim. */
type Verdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly scene: Omit<Case, 'claim'> }
  | { readonly kind: 'malformed'; readonly show: (dispute: bigint) => Plan; readonly why: string }

/** Every state that the chain and the own replay can show of a claim, seen by one challenger. */
export type ClaimState = 'unchecked' | 'right' | 'wrong' | 'disputed' | 'decided' | 'own'

interface ClaimScene {
  readonly challenger: Challenger
  readonly claim: Claim
  readonly head: Head
  readonly disputes: readonly Dispute[]
}

interface DisputeScene {
  readonly keeper: Keeper
  readonly claim: Claim
  readonly dispute: Dispute
  readonly verdict: Verdict
}

/** What a challenger does with a claim. */
export const watching: Record<ClaimState, Row<ClaimScene>> = {
  unchecked: {
    act: ({ challenger, claim, head }) => {
      challenger.check(claim, head)
      return Promise.resolve()
    },
  },
  right: {},
  wrong: { act: ({ challenger, ...scene }) => challenger.dispute(scene) },
  disputed: { act: ({ challenger, ...scene }) => challenger.walk(scene) },
  decided: { act: ({ challenger, ...scene }) => challenger.collect(scene) },
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
  if (claim.solver.toLowerCase() === us.toLowerCase()) return 'own'
  const isOpen = (dispute: Pick<Dispute, 'status'>) =>
    dispute.status === 'live' || dispute.status === 'queued'
  if (disputes.some(isOpen)) return verdict === undefined ? 'unchecked' : 'disputed'
  if (claim.status !== 'pending' || time > claim.windowEnd || disputes.length >= MOST_DISPUTES) {
    return 'decided'
  }
  if (disputes.some(({ status }) => status === 'won')) return 'decided'
  if (verdict === undefined) return 'unchecked'
  return verdict === 'right' ? 'right' : 'wrong'
}

/** Replays claims in their window, and disputes those that are wrong until they are judged. */
export class Challenger {
  readonly #keeper: Keeper
  readonly #terms: ChallengerTerms
  readonly #guard: Guard
  readonly #claims = new Map<bigint, { readonly block: bigint }>()
  readonly #verdicts = new Map<bigint, Verdict>()
  readonly #checking = new Map<bigint, Promise<void>>()
  #read: bigint

  constructor(keeper: Keeper, terms: ChallengerTerms) {
    this.#keeper = keeper
    this.#terms = terms
    this.#guard = new Guard(keeper)
    this.#read = keeper.contracts.fromBlock
  }

  readonly tick: Tick = async (head) => {
    await this.#readClaims(head)
    let busy = this.#checking.size > 0
    for (const [id, { block }] of this.#claims) {
      await this.#guard.run(`claim ${id}`, async () => {
        const claim = await readClaim(this.#keeper.contracts, id)
        const disputes = await this.#ownDisputes(claim, block)
        const us = this.#keeper.sender.address
        const state = claimState(claim, this.#verdicts.get(id)?.kind, disputes, us, head.time)
        if (state !== 'decided' && state !== 'own') busy = true
        await watching[state].act?.({ challenger: this, claim, head, disputes })
        if (state === 'own') this.#claims.delete(id)
      })
    }
    return busy
  }

  /** Starts the replay of a claim's computation; it is decided at a later look. */
  check(claim: Claim, head: Head): void {
    if (this.#checking.has(claim.id)) return
    const checking = this.#guard.run(`check of claim ${claim.id}`, async () => {
      const verdict = await this.#judge(claim, head)
      this.#verdicts.set(claim.id, verdict)
      this.#keeper.log.info(
        {
          claim: claim.id.toString(),
          verdict: verdict.kind,
          ...('why' in verdict ? { why: verdict.why } : {}),
        },
        'checked a claim',
      )
    })
    this.#checking.set(
      claim.id,
      checking.finally(() => this.#checking.delete(claim.id)),
    )
  }

  async dispute({ claim, disputes }: Omit<ClaimScene, 'challenger'>): Promise<void> {
    const verdict = this.#verdicts.get(claim.id)
    if (verdict === undefined || verdict.kind === 'right') return
    const { sender, contracts, log } = this.#keeper
    const balanceWei = await contracts.chain.client.getBalance({ address: sender.address })
    if (balanceWei < claim.bondWei) {
      throw fail.funds({
        what: `the bond is ${formatEther(claim.bondWei)} ether, there are ${formatEther(balanceWei)}`,
        where: `account ${sender.address}, claim ${claim.id}`,
        advice: 'send it ether before the window closes',
      })
    }
    const delegate = this.#terms.delegate ?? zeroAddress
    const plan: Plan =
      verdict.kind === 'wrong'
        ? await challenge({ claim, ...verdict.scene }, delegate)
        : { functionName: 'challengeByDemand', args: [claim.id, delegate], valueWei: claim.bondWei }
    await move(this.#keeper, `${claim.id}:${disputes.length}`, plan)
    log.info({ claim: claim.id.toString(), move: plan.functionName }, 'disputed a claim')
  }

  async walk({ claim, disputes, head }: Omit<ClaimScene, 'challenger'>): Promise<void> {
    const verdict = this.#verdicts.get(claim.id)
    if (verdict === undefined) return
    for (const dispute of disputes) {
      if (dispute.status !== 'live') continue
      if (verdict.kind === 'wrong') verdict.scene.evidence.absorb(dispute)
      if (verdict.kind === 'malformed')
        await move(this.#keeper, `${dispute.id}`, verdict.show(dispute.id))
      else
        await follow(
          challenging,
          { keeper: this.#keeper, claim, dispute, verdict },
          head,
          'challenger',
        )
    }
  }

  /** Takes what is due: the reward or the costs of won disputes, and bonds. */
  async collect({ claim, disputes, head }: Omit<ClaimScene, 'challenger'>): Promise<void> {
    const { contracts, sender, log } = this.#keeper
    const contract = { abi: verdeAbi, address: contracts.verde } as const
    const owed = disputes.filter(({ status, place }) => status === 'won' && place >= claim.cursor)
    if (owed.length > 0) {
      await move(this.#keeper, `${claim.id}:${claim.cursor}`, {
        functionName: 'settle',
        args: [claim.id, 32],
      })
      return
    }
    const args = [sender.address] as const
    const [wei, ai] = await contracts.chain.client.readContract({
      ...contract,
      functionName: 'creditOf',
      args,
    })
    if (wei > 0n || ai > 0n) {
      await move(this.#keeper, `${claim.id}:${head.number}`, { functionName: 'withdraw', args })
      log.info({ ether: formatEther(wei), ai: formatEther(ai) }, 'collected')
      return
    }
    const isOver =
      claim.status !== 'pending' &&
      disputes.every(({ status }) => status !== 'live' && status !== 'queued')
    if (isOver) this.#claims.delete(claim.id)
  }

  async #judge(claim: Claim, head: Head): Promise<Verdict> {
    const { contracts, workshop, log } = this.#keeper
    const made = (await readJobClaims(contracts, { claim: claim.id }, head.number)).at(0)
    const uri = made && (await readJobUri(contracts, made.job, head.number))
    const computation = await readComputation(contracts, claim.computation)
    const mirror = workshop.mirrorFor(uri)
    const { encoded, commitment } = await fetchProgram(
      mirror,
      programRootOf(computation),
      computation,
    )
    const problem = findMalformed(encoded)
    if (problem !== undefined) {
      const show = (dispute: bigint) => showMalformed(dispute, problem, encoded, commitment)
      return { kind: 'malformed', show, why: problem.message }
    }
    const path = join(workshop.folderOf(claim.computation), 'claims', `${claim.id}.jsonl`)
    const evidence = new Evidence(claim.checkpointRoot, this.#terms.peers, path, log)
    // A solver that shares its checkpoints is caught at the first wrong one, without running to the end.
    const isWrong = async (trace: Trace): Promise<boolean> => {
      const tree = evidence.tree(claim.checkpointRoot, trace.checkpointsSoFar)
      const difference = await evidence.descend(tree, { tree: 'checkpoints' })
      return difference.kind === 'leaf' && difference.index < trace.checkpointsDone
    }
    for (;;) {
      const trace = await workshop.complete(claim.computation, uri, isWrong)
      if (!trace.isComplete && !(await isWrong(trace))) continue
      if (trace.isComplete && trace.checkpoints.root === claim.checkpointRoot)
        return { kind: 'right' }
      return { kind: 'wrong', scene: { trace, evidence } }
    }
  }

  async #readClaims(head: Head): Promise<void> {
    const { contracts } = this.#keeper
    // A short reorganisation can move a claim into a block that was read already.
    const from =
      this.#read > contracts.fromBlock + REREAD ? this.#read - REREAD : contracts.fromBlock
    for (const { id, block } of await readClaimIds(contracts, from, head.number)) {
      const wanted = this.#terms.claims?.includes(id) ?? true
      if (wanted && !this.#claims.has(id) && !this.#seen.has(id)) this.#claims.set(id, { block })
      this.#seen.add(id)
    }
    this.#read = head.number
  }

  readonly #seen = new Set<bigint>()

  async #ownDisputes(claim: Claim, block: bigint): Promise<Dispute[]> {
    const { contracts, sender } = this.#keeper
    const found: Dispute[] = []
    for (let place = 0; place < claim.disputes; place++) {
      const id = disputeAt(claim.id, place)
      const [, , challenger] = await contracts.chain.client.readContract({
        abi: verdeAbi,
        address: contracts.verde,
        functionName: 'disputeOf',
        args: [id],
      })
      if (challenger.toLowerCase() !== sender.address.toLowerCase()) continue
      found.push(await readDispute(contracts, id, block))
    }
    return found
  }
}

const REREAD = 32n
