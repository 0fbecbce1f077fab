import type { Position } from '@lockstep/deployments/protocol'
import {
  foldBits,
  type Hash,
  judgeSegments,
  type Node,
  segments,
  type Source,
  toHex,
} from '@lockstep/repops'
import type { Dispute } from '../chain/disputes.ts'
import type { Place } from '../trace/place.ts'
import type { Trace } from '../trace/trace.ts'
import { forgePartials } from './forge-partials.ts'
import type { Plan } from './plan.ts'

/** Values that one posting of partials holds. */
export const POSTED = 256

/** Steps: the states inside the interval. */
export async function commitSteps(trace: Trace, { id, position }: Dispute): Promise<Plan> {
  const tree = await trace.tree({ tree: 'steps', interval: position.interval })
  return {
    functionName: 'commitSteps',
    args: [id, position.packed, tree.root, tree.open(tree.count - 1)],
  }
}

/** Graph: the outputs of all nodes in the step. */
export async function commitGraph(trace: Trace, { id, position }: Dispute): Promise<Plan> {
  const { root } = await trace.tree({ tree: 'graph', step: position.step })
  return { functionName: 'commitGraph', args: [id, position.packed, root] }
}

/** Partials: the values that the disputed one is combined from. */
export async function commitPartials(trace: Trace, { id, position }: Dispute): Promise<Plan> {
  const node = trace.job.program.nodes[position.node]
  const own = await partials(trace, position)
  const folds = foldBits(node, own) >>> 0 === position.value
  if (!folds && !trace.isBent) throw new Error('the disputed value is not of this run')
  const values = folds ? own : forgePartials(node, own, position.value)
  return {
    functionName: 'commitPartials',
    args: [id, position.packed, toHex(trace.work.encoded.nodes[position.node]), wordsToHex(values)],
  }
}

/** The row or the leaf that is demanded. */
export async function reveal(trace: Trace, { id, position }: Dispute): Promise<Plan> {
  const place = placeOf(position)
  if (place.tree === 'tensor' && position.height === 0) {
    const bytes = await trace.leaf(place.step, place.node, position.index)
    return { functionName: 'revealLeaf', args: [id, position.packed, toHex(bytes)] }
  }
  const row = await trace.row(place, position)
  return { functionName: 'reveal', args: [id, position.packed, row as Hash[]] }
}

/** The tree in which a position's demand stands. */
export function placeOf({ tree, interval, step, node }: Position): Place {
  switch (tree) {
    case 'none':
      throw new Error('nothing is demanded')
    case 'steps':
      return { tree, interval }
    case 'graph':
    case 'state':
      return { tree, step }
    case 'tensor':
      return { tree, step, node }
    case 'checkpoints':
      return { tree }
  }
}

/** What the element is combined from at the level of the position, right by this trace's inputs. */
export async function partials(trace: Trace, position: Position): Promise<Int32Array> {
  const { step, node: index, element, level, segment } = position
  const node = trace.job.program.nodes[index]
  const all = await elementSegments(trace, step, index, element)
  if (level === 2) {
    const blocks = Math.ceil(segments(node) / POSTED)
    return Int32Array.from({ length: blocks }, (_, b) => foldBits(node, block(all, b)))
  }
  return block(all, segment)
}

const block = (all: Int32Array, b: number) => all.slice(b * POSTED, (b + 1) * POSTED)

async function elementSegments(
  trace: Trace,
  step: number,
  index: number,
  element: number,
): Promise<Int32Array> {
  const replay = await trace.step(step)
  const node: Node = trace.job.program.nodes[index]
  const operands = await replay.operands(index)
  const words: Source = (k, { from, length }) => {
    const tensor = operands[k]
    if (tensor === undefined) throw new Error(`input ${k} of node ${index} has no tensor`)
    return tensor.words.slice(from, from + length)
  }
  return judgeSegments(node, element, words, { step, seed: trace.job.seed })
}

/** Big-endian words, as the contract reads posted values. */
export function wordsToHex(words: Int32Array): Hash {
  const bytes = new Uint8Array(4 * words.length)
  const view = new DataView(bytes.buffer)
  words.forEach((word, i) => {
    view.setInt32(4 * i, word)
  })
  return toHex(bytes)
}

export function hexToWords(hex: string): Int32Array {
  const bytes = Buffer.from(hex.slice(2), 'hex')
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32BE(4 * i))
}
