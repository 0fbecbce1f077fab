import { reference } from '../../src/backends/reference/index.ts'
import { constantsRoot, stateRoot } from '../../src/commit/tensor.ts'
import { toHex, type Hash } from '../../src/commit/hash.ts'
import type { Job } from '../../src/execute/Job.ts'
import { StepReplay, type OperandOpening } from '../../src/execute/StepReplay.ts'
import { encodeNode } from '../../src/program/nodeCodec.ts'
import { SIGNATURES, type Signature } from '../../src/program/signatures.ts'
import type { DType } from '../../src/program/types.ts'
import { outputOf, segments } from '../../src/program/wants.ts'
import { judge } from '../../src/referee/judge.ts'
import { Random } from '../../src/testing/Random.ts'
import { randomProgram } from '../../src/testing/randomProgram.ts'
import { blobs, type Blobs } from './abi.ts'

interface JudgeVector {
  readonly scene: {
    readonly graphRoot: Hash
    readonly stateRoot: Hash
    readonly constantsRoot: Hash
    readonly nodes: number
    readonly states: number
    readonly constants: number
    readonly node: number
    readonly step: number
    readonly seed: bigint
  }
  readonly encoding: `0x${string}`
  readonly element: bigint
  readonly segment: number
  readonly operands: readonly OperandOpening[]
  readonly value: number
}

const FIELDS = {
  scene: {
    list: false,
    fields: {
      graphRoot: 'bytes32',
      stateRoot: 'bytes32',
      constantsRoot: 'bytes32',
      nodes: 'uint32',
      states: 'uint32',
      constants: 'uint32',
      node: 'uint32',
      step: 'uint32',
      seed: 'uint64',
    },
  },
  encoding: 'bytes',
  element: 'uint64',
  segment: 'uint32',
  operands: {
    list: true,
    fields: { root: 'bytes32', rootProof: 'bytes32[]', data: 'bytes', proof: 'bytes32[]' },
  },
  value: 'uint32',
}

/** Whole judgements of every operator and type, out of random programs, with all of their openings. */
export async function judgementVectors(): Promise<Blobs> {
  const vectors: JudgeVector[] = []
  for (const signature of SIGNATURES) {
    const left = new Map(signature.types.map((type) => [type, casesFor(signature)]))
    for (let seed = 0; [...left.values()].some((count) => count > 0); seed++) {
      for (const { vector, type } of await judgements(signature, signature.code * 1000 + seed)) {
        const wanted = left.get(type) ?? 0
        if (wanted === 0) continue
        left.set(type, wanted - 1)
        vectors.push(vector)
      }
    }
  }
  return blobs(FIELDS, vectors)
}

const casesFor = ({ family }: Signature): number =>
  family === 'matmul' || family === 'reduce' || family === 'indexed' ? 12 : 5

/** Some judgements of one operator in one random program. */
async function judgements(
  signature: Signature,
  seed: number,
): Promise<{ vector: JudgeVector; type: DType }[]> {
  const random = new Random(seed)
  const blocks = seed % 1000 === 0
  const drawn = randomProgram(random, { nodes: 3, operators: [signature], blocks })
  const { program, constants, initialState } = drawn
  const step = random.pick([0, 1, 7, 80_956, 2 ** 31 - 2])
  const job: Job = { ...drawn, steps: step + 1, interval: 1 }
  const replay = await StepReplay.create(job, { backend: reference }, step, initialState)
  const scene = {
    graphRoot: replay.graph.root,
    stateRoot: stateRoot(initialState),
    constantsRoot: constantsRoot(constants),
    nodes: program.nodes.length,
    states: program.states.length,
    constants: constants.length,
    step,
    seed: job.seed,
  }
  const found: { vector: JudgeVector; type: DType }[] = []
  for (const [index, node] of program.nodes.entries()) {
    if (node.op !== signature.name) continue
    const bounds = { node: index, states: scene.states, constants: scene.constants }
    const tensors = await replay.operands(index)
    for (let i = 0; i < 2; i++) {
      const element = random.below(outputOf(node).count)
      const last = segments(node) - 1
      const segment = random.pick([0, last, random.below(last + 1)])
      const value = judge(
        node,
        element,
        segment,
        (k, run) => tensors[k]!.words.subarray(run.from, run.from + run.length),
        { step, seed: job.seed },
      )
      const computed = (await replay.output(index)).words[element]
      if (last === 0 && value >>> 0 !== computed >>> 0)
        throw new Error(`${node.op}: the backend and the referee differ`)
      const vector: JudgeVector = {
        scene: { ...scene, node: index },
        encoding: toHex(encodeNode(node, bounds)),
        element: BigInt(element),
        segment,
        operands: await replay.openOperands(index, element, segment),
        value: value >>> 0,
      }
      found.push({ vector, type: node.type })
    }
  }
  return found
}
