import type { Position } from '@lockstep/deployments/protocol'
import { type Hash, LEAF_BYTES, segments, tensorsTree, toHex, ZERO_HASH } from '@lockstep/repops'
import type { Address } from 'viem'
import type { Claim } from '../chain/claims.ts'
import type { Dispute } from '../chain/disputes.ts'
import { type Place, ROW_LEVELS } from '../trace/place.ts'
import type { Trace } from '../trace/trace.ts'
import { hexToWords, partials } from './answers.ts'
import type { ClaimedTree } from './claimed-tree.ts'
import type { Evidence } from './evidence.ts'
import type { Plan } from './plan.ts'

/** The challenger's own run, and what is known of the claim it disputes. */
export interface Case {
  readonly claim: Claim
  readonly trace: Trace
  readonly evidence: Evidence
}

/** The own run does not differ where the claim must: the claim is right, or this run is not of its computation. */
export class NoDifferenceError extends Error {
  override readonly name = 'NoDifferenceError'
}

/** The first move: the leftmost wrong interval, or, where the solver keeps its checkpoints to itself, a demand. */
export async function challenge(scene: Case, delegate: Address): Promise<Plan> {
  const { claim } = scene
  const opening = await wrongInterval(scene)
  return opening === undefined
    ? { functionName: 'challengeByDemand', args: [claim.id, delegate], valueWei: claim.bondWei }
    : { functionName: 'challenge', args: [claim.id, delegate, ...opening], valueWei: claim.bondWei }
}

/** Checkpoints: the leftmost wrong interval. */
export async function chooseInterval(scene: Case, dispute: Dispute): Promise<Plan> {
  const { id, position } = dispute
  const opening = await wrongInterval(scene)
  if (opening !== undefined)
    return { functionName: 'openInterval', args: [id, position.packed, ...opening] }
  const tree = scene.evidence.tree(scene.claim.checkpointRoot, scene.trace.checkpointsSoFar)
  return demand(scene, dispute, tree)
}

async function wrongInterval({
  claim,
  trace,
  evidence,
}: Case): Promise<[number, Hash, Hash, readonly Hash[]] | undefined> {
  const tree = evidence.tree(claim.checkpointRoot, trace.checkpointsSoFar)
  const difference = await evidence.descend(tree, { tree: 'checkpoints' })
  switch (difference.kind) {
    case 'none':
      throw new NoDifferenceError(`claim ${claim.id} has the checkpoints of this run`)
    case 'unknown':
      return undefined
    case 'leaf': {
      const disputed = difference.index
      return [
        disputed - 1,
        tree.leaf(disputed - 1),
        tree.leaf(disputed),
        tree.open(disputed - 1, disputed),
      ]
    }
  }
}

/** Steps: the leftmost wrong state inside the interval. */
export async function chooseStep(scene: Case, dispute: Dispute): Promise<Plan> {
  const { id, position, answer } = dispute
  const place: Place = { tree: 'steps', interval: position.interval }
  const tree = scene.evidence.tree(answer.root, await scene.trace.tree(place))
  const difference = await scene.evidence.descend(tree, place)
  if (difference.kind === 'none')
    throw new NoDifferenceError(`interval ${position.interval} is right`)
  if (difference.kind === 'unknown') return demand(scene, dispute, tree)
  const k = difference.index
  return {
    functionName: 'pickStep',
    args: [
      id,
      position.packed,
      answer,
      k,
      k === 0 ? position.before : tree.leaf(k - 1),
      tree.leaf(k),
      tree.open(Math.max(0, k - 1), k),
    ],
  }
}

/** Graph: the leftmost wrong output, or, where all outputs are right, the state tensor that is none of them. */
export async function chooseNode(scene: Case, dispute: Dispute): Promise<Plan> {
  const { id, position, answer } = dispute
  const { trace, evidence } = scene
  const place: Place = { tree: 'graph', step: position.step }
  const tree = evidence.tree(answer.root, await trace.tree(place))
  const difference = await evidence.descend(tree, place)
  if (difference.kind === 'none') return showMismatch(scene, dispute)
  if (difference.kind === 'unknown') return demand(scene, dispute, tree)

  const node = difference.index
  const opening = {
    node,
    encoding: toHex(trace.work.encoded.nodes[node]),
    encodingProof: trace.work.commitment.nodes.open(node),
    output: tree.leaf(node),
    outputProof: tree.open(node),
  }
  const element = await wrongElement(scene, position.step, node, opening.output)
  if (element === undefined || !('element' in element)) {
    return { functionName: 'openNode', args: [id, position.packed, answer, opening] }
  }
  if (segments(trace.job.program.nodes[node]) > 1) {
    return {
      functionName: 'openNodeElement',
      args: [id, position.packed, answer, opening, element],
    }
  }
  const operands = await openOperands(scene, position.step, node, element.element, 0, tree)
  return {
    functionName: 'proveElement',
    args: [id, position.packed, answer, opening, element, operands],
  }
}

async function showMismatch(scene: Case, dispute: Dispute): Promise<Plan> {
  const { id, position, answer } = dispute
  const { trace, evidence } = scene
  const place: Place = { tree: 'state', step: position.step }
  const tree = evidence.tree(position.disputed, await trace.tree(place))
  const difference = await evidence.descend(tree, place)
  if (difference.kind === 'none') throw new NoDifferenceError(`step ${position.step} is right`)
  if (difference.kind === 'unknown') return demand(scene, dispute, tree, true)
  const index = difference.index
  const { work } = trace
  const source = work.job.program.states[index].next
  const sources =
    source === undefined
      ? await stateBefore(trace, position.step)
      : await trace.tree({ tree: 'graph', step: position.step })
  const leaf = source ?? index
  return {
    functionName: 'mismatch',
    args: [
      id,
      position.packed,
      answer,
      {
        index,
        entry: toHex(work.encoded.states[index]),
        proof: work.commitment.states.open(index),
      },
      { leaf: tree.leaf(index), proof: tree.open(index) },
      { leaf: sources.leaf(leaf), proof: sources.open(leaf) },
    ],
  }
}

async function stateBefore(trace: Trace, step: number) {
  return tensorsTree((await trace.step(step)).before)
}

/** Element: the first wrong element of the node's output. */
export async function chooseElement(scene: Case, dispute: Dispute): Promise<Plan> {
  const { id, position } = dispute
  const found = await wrongElement(scene, position.step, position.node, position.disputed)
  if (found === undefined)
    throw new NoDifferenceError(`the output of node ${position.node} is right`)
  if (!('element' in found)) return demand(scene, dispute, found)
  const encoding = toHex(scene.trace.work.encoded.nodes[position.node])
  return { functionName: 'openElement', args: [id, position.packed, encoding, found] }
}

/** The first wrong element of a claimed output with its opening, or the tree as far as it is known. */
async function wrongElement(
  { trace, evidence }: Case,
  step: number,
  node: number,
  root: Hash,
): Promise<{ element: number; leaf: Hash; proof: readonly Hash[] } | ClaimedTree | undefined> {
  const place: Place = { tree: 'tensor', step, node }
  const tree = evidence.tree(root, await trace.tree(place))
  const difference = await evidence.descend(tree, place)
  if (difference.kind === 'none') return undefined
  if (difference.kind === 'unknown') return tree
  const { bytes: own } = await trace.output(step, node)
  const at = difference.index * LEAF_BYTES
  const right = own.subarray(at, at + LEAF_BYTES)
  const claimed = await evidence.leaf(
    tree.leaf(difference.index),
    place,
    difference.index,
    right.length,
  )
  if (claimed === undefined) return tree
  const byte = right.findIndex((value, i) => value !== claimed[i])
  return {
    element: Math.floor((at + byte) / 4),
    leaf: toHex(claimed),
    proof: tree.open(difference.index),
  }
}

/** Pick: the first wrong one of the posted values; proved at once if it is a segment. */
export async function choosePartial(scene: Case, dispute: Dispute): Promise<Plan> {
  const { id, position, moves } = dispute
  const { trace } = scene
  const values = moves.at(-1)?.partials
  if (values === undefined) throw new Error('no values were posted')
  const posted = hexToWords(values)
  const own = await partials(trace, position)
  const index = posted.findIndex((word, i) => word !== own[i])
  if (index < 0) throw new NoDifferenceError('the posted values are right')
  if (position.level === 2)
    return { functionName: 'pickPartial', args: [id, position.packed, values, index] }
  const segment = 256 * position.segment + index
  return {
    functionName: 'provePartial',
    args: [
      id,
      position.packed,
      values,
      index,
      toHex(trace.work.encoded.nodes[position.node]),
      await openDisputedOperands(scene, position, segment),
    ],
  }
}

/** Proof: what the disputed value is computed from. */
export async function prove(scene: Case, { id, position }: Dispute): Promise<Plan> {
  const encoding = toHex(scene.trace.work.encoded.nodes[position.node])
  const operands = await openDisputedOperands(scene, position, position.segment)
  return { functionName: 'prove', args: [id, position.packed, encoding, operands] }
}

async function openDisputedOperands(scene: Case, position: Position, segment: number) {
  const own = await scene.trace.tree({ tree: 'graph', step: position.step })
  const graph = scene.evidence.tree(position.graph, own)
  return openOperands(scene, position.step, position.node, position.element, segment, graph)
}

/**
 * The operands' openings. Operands are right, so their elements and tensors open from the own run; those that
 * are outputs stand in the claimed graph, left of the first wrong one.
 */
async function openOperands(
  { trace }: Case,
  step: number,
  node: number,
  element: number,
  segment: number,
  graph: ClaimedTree,
) {
  const replay = await trace.step(step)
  const operands = await replay.openOperands(node, element, segment)
  return operands.map((operand, k) => {
    const input = trace.job.program.nodes[node].inputs[k]
    return input.kind === 'node' && operand.root !== ZERO_HASH
      ? { ...operand, rootProof: graph.open(input.ref) }
      : operand
  })
}

/**
 * The next demand on the way to the leftmost difference: the tree's root first, then the node on that way in the
 * row that the last reveal gave. At the bottom of a tensor it is the leaf's bytes.
 */
function demand(scene: Case, dispute: Dispute, tree: ClaimedTree, state = false): Plan {
  const { id, position, answer } = dispute
  if (position.tree === 'none') {
    return { functionName: 'demand', args: [id, position.packed, answer, state, 0, ZERO_HASH, []] }
  }
  const height = Math.max(0, position.height - ROW_LEVELS)
  const index = tree.pathAt(height)
  return {
    functionName: 'demand',
    args: [
      id,
      position.packed,
      answer,
      state,
      index,
      tree.node(height, index)!,
      tree.open(index, index, height, position.height),
    ],
  }
}
