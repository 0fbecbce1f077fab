import { outputOf, segments, toHex } from '@lockstep/repops'
import type { Random } from '@lockstep/repops/testing'
import { zeroAddress, zeroHash } from 'viem'
import { readClaim, disputeAt } from '../chain/claims.ts'
import { type Dispute, readDispute } from '../chain/disputes.ts'
import { LockstepError } from '../errors.ts'
import { follow } from '../roles/answering.ts'
import { type Keeper, move, type Row, type Tick } from '../roles/keeper.ts'
import { ROW_LEVELS } from '../trace/place.ts'
import type { Trace } from '../trace/trace.ts'
import { hexToWords, placeOf } from '../walk/answers.ts'
import { ClaimedTree } from '../walk/claimed-tree.ts'
import type { DisputeState } from '../walk/dispute-state.ts'
import { Evidence } from '../walk/evidence.ts'
import { type Case, prove } from '../walk/choices.ts'
import type { Plan } from '../walk/plan.ts'

interface Scene {
  readonly player: RandomChallenger
  readonly dispute: Dispute
}

/**
 * A challenger that disputes a right claim at random: any interval, step, node and element, with openings that
 * fit, demands where it feels like it, and proofs that prove nothing. Every move it makes is legal, and none of
 * them may ever hurt an honest solver.
 */
export class RandomChallenger {
  readonly keeper: Keeper
  readonly trace: Trace
  readonly random: Random
  readonly claim: bigint
  /** Proofs of right values, all of which must be refused. */
  refused = 0
  moves = 0
  #opened = false

  constructor(keeper: Keeper, trace: Trace, random: Random, claim: bigint) {
    this.keeper = keeper
    this.trace = trace
    this.random = random
    this.claim = claim
  }

  readonly tick: Tick = async (head) => {
    const claim = await readClaim(this.keeper.contracts, this.claim)
    if (!this.#opened) {
      await this.#open(claim.bondWei)
      this.#opened = true
      return true
    }
    for (let place = 0; place < claim.disputes; place++) {
      const dispute = await readDispute(
        this.keeper.contracts,
        disputeAt(this.claim, place),
        this.keeper.contracts.fromBlock,
      )
      if (dispute.status !== 'live') continue
      await follow(disturbing, { player: this, dispute }, head, 'challenger')
    }
    return true
  }

  async make(dispute: Dispute, plan: Plan): Promise<void> {
    await move(this.keeper, `${dispute.id}:${dispute.position.hash}`, plan)
    this.moves++
  }

  /** Any proof there is, and demands that nothing comes of it. */
  async mustBeRefused(dispute: Dispute, plan: Plan): Promise<void> {
    try {
      await this.make(dispute, plan)
    } catch (error) {
      if (!(error instanceof LockstepError) || error.code !== 'transaction-reverted') throw error
      this.refused++
      return
    }
    throw new Error(`${plan.functionName} was accepted against a right claim`)
  }

  /** Demands data instead of choosing: the root first, then any node of the row that was given. */
  async demand(dispute: Dispute, state: boolean): Promise<boolean> {
    const { id, position, answer } = dispute
    if (position.tree === 'none') {
      const tree = (
        {
          checkpoints: { tree: 'checkpoints' },
          steps: { tree: 'steps', interval: position.interval },
          graph: { tree: state ? 'state' : 'graph', step: position.step },
          element: { tree: 'tensor', step: position.step, node: position.node },
        } as const
      )[position.phase as 'checkpoints']
      const { depth } = await this.trace.tree(tree)
      if (depth === 0 && position.phase !== 'element') return false
      await this.make(dispute, {
        functionName: 'demand',
        args: [id, position.packed, answer, state, 0, zeroHash, []],
      })
      return true
    }
    const height = Math.max(0, position.height - ROW_LEVELS)
    if (position.height === 0 || (height === 0 && position.tree !== 'tensor')) return false
    const tree = await this.trace.tree(placeOf(position))
    const span = 2 ** (position.height - height)
    const first = position.index * span
    const last = Math.min(first + span, Math.ceil(tree.count / 2 ** height)) - 1
    const index = this.random.between(first, last)
    await this.make(dispute, {
      functionName: 'demand',
      args: [
        id,
        position.packed,
        answer,
        state,
        index,
        tree.node(height, index),
        new ClaimedTree(tree.root, tree).open(index, index, height, position.height),
      ],
    })
    return true
  }

  async #open(valueWei: bigint): Promise<void> {
    if (this.random.chance(0.3)) {
      await move(this.keeper, `${this.claim}:random`, {
        functionName: 'challengeByDemand',
        args: [this.claim, zeroAddress],
        valueWei,
      })
      return
    }
    const [interval, ...opening] = this.interval()
    await move(this.keeper, `${this.claim}:random`, {
      functionName: 'challenge',
      args: [this.claim, zeroAddress, interval, ...opening],
      valueWei,
    })
  }

  interval(): [number, `0x${string}`, `0x${string}`, readonly `0x${string}`[]] {
    const tree = this.trace.checkpoints
    const i = this.random.below(tree.count - 1)
    return [i, tree.leaf(i), tree.leaf(i + 1), tree.open(i, i + 1)]
  }

  /** The view of an honest challenger, for the openings of operands. */
  scene(): Case {
    const { log } = this.keeper
    const root = this.trace.checkpoints.root
    return {
      claim: { id: this.claim } as Case['claim'],
      trace: this.trace,
      evidence: new Evidence(root, [], '/dev/null/none', log),
    }
  }
}

const disturbing: Record<DisputeState, Row<Scene>> = {
  queued: {},
  choosingInterval: { act: choosingInterval },
  awaitingReveal: {},
  awaitingSteps: {},
  choosingStep: { act: choosingStep },
  awaitingGraph: {},
  choosingNode: { act: choosingNode },
  choosingElement: { act: choosingElement },
  awaitingPartials: {},
  choosingPartial: { act: choosingPartial },
  readyToProve: { act: readyToProve },
  won: {},
  lost: {},
  closed: {},
}

async function choosingInterval({ player, dispute }: Scene): Promise<void> {
  const { id, position } = dispute
  if (player.random.chance(0.4) && (await player.demand(dispute, false))) return
  await player.make(dispute, {
    functionName: 'openInterval',
    args: [id, position.packed, ...player.interval()],
  })
}

async function choosingStep({ player, dispute }: Scene): Promise<void> {
  const { id, position, answer } = dispute
  if (player.random.chance(0.4) && (await player.demand(dispute, false))) return
  const tree = await player.trace.tree({ tree: 'steps', interval: position.interval })
  const k = player.random.below(tree.count)
  const lo = Math.max(0, k - 1)
  await player.make(dispute, {
    functionName: 'pickStep',
    args: [
      id,
      position.packed,
      answer,
      k,
      k === 0 ? position.before : tree.leaf(k - 1),
      tree.leaf(k),
      tree.open(lo, k),
    ],
  })
}

async function choosingNode({ player, dispute }: Scene): Promise<void> {
  const { id, position, answer } = dispute
  const { random, trace } = player
  const { work } = trace
  if (random.chance(0.3)) await tryMismatch(player, dispute)
  if (random.chance(0.4) && (await player.demand(dispute, random.chance(0.5)))) return
  const tree = await trace.tree({ tree: 'graph', step: position.step })
  const node = random.below(tree.count)
  await player.make(dispute, {
    functionName: 'openNode',
    args: [
      id,
      position.packed,
      answer,
      {
        node,
        encoding: toHex(work.encoded.nodes[node]),
        encodingProof: work.commitment.nodes.open(node),
        output: tree.leaf(node),
        outputProof: tree.open(node),
      },
    ],
  })
}

/** A state tensor against what its entry names: they are equal. */
async function tryMismatch(player: RandomChallenger, dispute: Dispute): Promise<void> {
  const { id, position, answer } = dispute
  const { trace, random } = player
  const { encoded, commitment, job } = trace.work
  const index = random.below(encoded.states.length)
  const next = await trace.tree({ tree: 'state', step: position.step })
  const source = job.program.states[index].next
  const graph = await trace.tree({ tree: 'graph', step: position.step })
  const { before } = await trace.step(position.step)
  const { tensorsTree } = await import('@lockstep/repops')
  const [sources, leaf] = source === undefined ? [tensorsTree(before), index] : [graph, source]
  await player.mustBeRefused(dispute, {
    functionName: 'mismatch',
    args: [
      id,
      position.packed,
      answer,
      { index, entry: toHex(encoded.states[index]), proof: commitment.states.open(index) },
      { leaf: next.leaf(index), proof: next.open(index) },
      { leaf: sources.leaf(leaf), proof: sources.open(leaf) },
    ],
  })
}

async function choosingElement({ player, dispute }: Scene): Promise<void> {
  const { id, position } = dispute
  const { random, trace } = player
  if (random.chance(0.4) && (await player.demand(dispute, false))) return
  const element = random.below(outputOf(trace.job.program.nodes[position.node]).count)
  const tree = await trace.tree({ tree: 'tensor', step: position.step, node: position.node })
  const leaf = Math.floor(element / 256)
  await player.make(dispute, {
    functionName: 'openElement',
    args: [
      id,
      position.packed,
      toHex(trace.work.encoded.nodes[position.node]),
      {
        element,
        leaf: toHex(await trace.leaf(position.step, position.node, leaf)),
        proof: tree.open(leaf),
      },
    ],
  })
}

async function choosingPartial({ player, dispute }: Scene): Promise<void> {
  const { id, position, moves } = dispute
  const values = moves.at(-1)!.partials!
  const index = player.random.below(hexToWords(values).length)
  await player.make(dispute, {
    functionName: 'pickPartial',
    args: [id, position.packed, values, index],
  })
}

async function readyToProve({ player, dispute }: Scene): Promise<void> {
  const node = player.trace.job.program.nodes[dispute.position.node]
  if (dispute.position.segment >= segments(node)) throw new Error('the walk left the reduction')
  await player.mustBeRefused(dispute, await prove(player.scene(), dispute))
}
