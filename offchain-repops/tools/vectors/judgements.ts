import { toHex, ZERO_HASH } from '../../src/commit/hash.ts'
import type { MerkleTree } from '../../src/commit/merkle.ts'
import { openRun, tensorsTree } from '../../src/commit/tensor.ts'
import { operandRuns } from '../../src/execute/operandRuns.ts'
import { OPERATORS } from '../../src/ops/index.ts'
import { encodeNode } from '../../src/program/nodeCodec.ts'
import type { Input, Node } from '../../src/program/types.ts'
import { inputWants, outputOf, segments } from '../../src/program/wants.ts'
import { judge } from '../../src/referee/judge.ts'
import { Random } from '../../src/testing/Random.ts'
import { randomNode } from '../../src/testing/randomNode.ts'
import { Tensor } from '../../src/tensor.ts'
import { blobs, type Blobs } from './abi.ts'

/** Tables of a small program: what lies in them is made to fit the judged node, the last one. */
const SIZES = { node: 11, state: 5, constant: 3 } as const
const STEP = 12
const SEED = 0xfedcba9876543210n
const PER_OPERATOR = 3

const OPERAND = {
  list: true,
  fields: { root: 'bytes32', rootProof: 'bytes32[]', data: 'bytes', proof: 'bytes32[]' },
} as const
const SCENE = {
  list: false,
  fields: {
    graphRoot: 'bytes32', stateRoot: 'bytes32', constantsRoot: 'bytes32',
    nodes: 'uint32', states: 'uint32', constants: 'uint32',
    node: 'uint32', step: 'uint32', seed: 'uint64',
  },
} as const // prettier-ignore

/** Calls of IReferee.judge with the value it must return: random nodes of every operator. */
export function judgementVectors(): Blobs {
  const random = new Random(0x1d6e)
  const cases = OPERATORS.flatMap((op) =>
    Array.from({ length: PER_OPERATOR }, (_, i) => {
      const long = op.family !== 'elementwise' && i === 0
      return judgement(random, op, long)
    }),
  )
  const fields = {
    scene: SCENE, encoding: 'bytes', element: 'uint64', segment: 'uint32', operands: OPERAND,
    value: 'uint32',
  } // prettier-ignore
  return blobs(fields, cases)
}

type Kind = keyof typeof SIZES

function judgement(random: Random, op: (typeof OPERATORS)[number], long: boolean): object {
  const bounds = { node: SIZES.node, states: SIZES.state, constants: SIZES.constant }
  const size = (): number =>
    long && random.chance(0.3) ? random.between(1, 700) : random.between(1, 5)
  // Each operand has a place of its own, so that every one can have the size that is wanted.
  const free = (['node', 'state', 'constant'] as const).flatMap((kind) =>
    Array.from({ length: SIZES[kind] }, (_, ref) => ({ kind, ref })),
  )
  let node: Node
  do {
    const left = [...free]
    node = randomNode(random, op, bounds, size, () => left.splice(random.below(left.length), 1)[0])
  } while (node.inputs.some((_, k) => inputWants(node, k).count > 3000))

  const tables: Record<Kind, Tensor[]> = {
    node: fill(SIZES.node, random),
    state: fill(SIZES.state, random),
    constant: fill(SIZES.constant, random),
  }
  node.inputs.forEach((input, k) => {
    if ('ref' in input) tables[input.kind][input.ref] = operand(random, node, k)
  })
  return call(random, node, tables)
}

function fill(count: number, random: Random): Tensor[] {
  return Array.from({ length: count }, () => Tensor.i32([random.u32()]))
}

function operand(random: Random, node: Node, k: number): Tensor {
  const { type, count } = inputWants(node, k)
  const { form } = node
  const index = form.family === 'indexed' && k === (node.op === 'Gather' ? 1 : 0)
  const word = (): number => (index ? random.between(-1, form.V) : random.word(type))
  return new Tensor(type, Int32Array.from({ length: count }, word))
}

function call(random: Random, node: Node, tables: Record<Kind, Tensor[]>): object {
  const element = random.below(outputOf(node).count)
  const segment = random.below(segments(node))
  const context = { step: STEP, seed: SEED }
  const tensor = (input: Input): Tensor =>
    'ref' in input ? tables[input.kind][input.ref] : new Tensor('i32', Int32Array.of(STEP))
  const value = judge(
    node,
    element,
    segment,
    (k, { from, length }) => tensor(node.inputs[k]).words.slice(from, from + length),
    context,
  )
  const word = (k: number, at: number): number => {
    const input = node.inputs[k]
    return input.kind === 'immediate' ? input.bits : tensor(input).words[at]
  }
  const runs = operandRuns(node, element, segment, word)
  const trees: Record<Kind, MerkleTree> = {
    node: tensorsTree([...tables.node, Tensor.i32([0])]), // the judged node's own output closes it
    state: tensorsTree(tables.state),
    constant: tensorsTree(tables.constant),
  }
  return {
    scene: {
      graphRoot: trees.node.root,
      stateRoot: trees.state.root,
      constantsRoot: trees.constant.root,
      nodes: SIZES.node + 1,
      states: SIZES.state,
      constants: SIZES.constant,
      node: SIZES.node,
      step: STEP,
      seed: SEED,
    },
    encoding: toHex(
      encodeNode(node, { node: SIZES.node, states: SIZES.state, constants: SIZES.constant }),
    ),
    element: BigInt(element),
    segment,
    operands: node.inputs.map((input, k) => {
      const run = runs[k]
      if (run === undefined || !('ref' in input)) return UNREAD
      const { data, proof } = openRun(tensor(input), run.from, run.length)
      const tree = trees[input.kind]
      return {
        root: tree.leaf(input.ref),
        rootProof: tree.open(input.ref),
        data: toHex(data),
        proof,
      }
    }),
    value: value >>> 0,
  }
}

const UNREAD = {
  root: ZERO_HASH,
  rootProof: [],
  data: '0x',
  proof: [],
}
