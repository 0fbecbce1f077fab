import { beforeAll, describe, expect, test } from 'vitest'
import { reference } from '../backends/reference/index.ts'
import { fromHex, type Hash } from '../commit/hash.ts'
import { MerkleTree, rootFromOpening } from '../commit/merkle.ts'
import { constantsRoot, readRun, stateRoot, tensorRoot } from '../commit/tensor.ts'
import { OPERATORS } from '../ops/index.ts'
import { inputWants, outputOf, segments } from '../program/wants.ts'
import { foldBits, judge, judgeSegments } from '../referee/judge.ts'
import type { Tensor } from '../tensor.ts'
import type { CurrentState } from './Execution.ts'
import { Random } from '../testing/Random.ts'
import { randomProgram } from '../testing/randomProgram.ts'
import {
  checkpointCount,
  replayInterval,
  runJob,
  stateBefore,
  stepOfCheckpoint,
  type Job,
} from './Job.ts'
import { StepReplay } from './StepReplay.ts'
import { operandRuns } from './operandRuns.ts'

const backend = reference

function randomJob(seed: number, steps: number, interval: number): Job {
  return { ...randomProgram(new Random(seed)), steps, interval }
}

interface Kept {
  readonly root: Hash
  readonly step: number
  readonly state: readonly Tensor[]
}

async function checkpoints(job: Job, options: object = {}): Promise<Kept[]> {
  const kept: Kept[] = []
  for await (const { index, root, step, state } of runJob(job, { backend, ...options }))
    kept[index] = { root, step, state }
  return kept
}

describe.each([
  [1, 7, 3],
  [2, 6, 3],
  [3, 1, 5],
  [4, 4, 1],
])('job %i of %i steps, a checkpoint every %i', (seed, steps, interval) => {
  const job = randomJob(seed, steps, interval)

  test('checkpoints are where they belong', async () => {
    const kept = await checkpoints(job)
    expect(kept.length).toBe(checkpointCount(job))
    expect(kept.map(({ step }) => step)).toEqual(kept.map((_, i) => stepOfCheckpoint(job, i)))
    expect(kept.at(-1)?.step).toBe(steps)
    expect(kept[0].root).toBe(stateRoot(job.initialState))
  })

  test('a run goes on from any checkpoint', async () => {
    const kept = await checkpoints(job)
    for (let index = 0; index < kept.length; index++) {
      const rest = await checkpoints(job, { from: { index, state: kept[index].state } })
      expect(rest.slice(index)).toEqual(kept.slice(index))
    }
  })

  test('replays agree with the run', async () => {
    const kept = await checkpoints(job)
    const states: Kept[] = []
    await checkpoints(job, {
      onStep: async (current: CurrentState) => {
        const state = await current.state()
        states[current.step] = { root: await current.stateRoot(), step: current.step, state }
      },
    })
    for (let index = 0; index + 1 < kept.length; index++) {
      const first = stepOfCheckpoint(job, index)
      const roots = await replayInterval(job, { backend }, index, kept[index].state)
      expect(roots).toEqual(
        states.slice(first + 1, stepOfCheckpoint(job, index + 1) + 1).map(({ root }) => root),
      )
      const last = stepOfCheckpoint(job, index + 1) - 1
      const { step, state } = kept[index]
      const before = await stateBefore(job, { backend }, last, { step, state })
      expect(stateRoot(before)).toBe(last === 0 ? kept[0].root : states[last].root)
      const replay = await StepReplay.create(job, { backend }, last, before)
      expect(stateRoot(replay.after)).toBe(kept[index + 1].root)
    }
  })
})

describe.each(Array.from({ length: 12 }, (_, i) => 50 + i))(
  'a step of random program %i',
  (seed) => {
    const job = randomJob(seed, 3, 3)
    let replay: StepReplay
    beforeAll(async () => {
      replay = await StepReplay.create(job, { backend }, 2, job.initialState)
    })

    test('the graph holds every output', async () => {
      const outputs = await replay.outputs([...job.program.nodes.keys()])
      const all = outputs.map(tensorRoot)
      expect(new MerkleTree(all).root).toBe(replay.graph.root)
      expect(
        job.program.states.map(({ next }, i) =>
          next === undefined ? replay.after[i] : outputs[next],
        ),
      ).toEqual(replay.after)
    })

    test('opened operands open, and yield the element', async () => {
      const random = new Random(seed)
      const roots = {
        node: [replay.graph.root, job.program.nodes.length],
        state: [stateRoot(job.initialState), job.program.states.length],
        constant: [constantsRoot(job.constants), job.program.constants.length],
      } as const
      for (const [index, node] of job.program.nodes.entries()) {
        const element = random.below(outputOf(node).count)
        const tensors = await replay.operands(index)
        const parts: number[] = []
        for (let segment = 0; segment < segments(node); segment++) {
          const opened = await replay.openOperands(index, element, segment)
          const runs = operandRuns(node, element, segment, (k, at) => {
            const input = node.inputs[k]
            if (input.kind === 'immediate') return input.bits
            return input.kind === 'step' ? 2 : tensors[k]!.words[at]
          })
          const data = opened.map((operand, k) => {
            const [input, run] = [node.inputs[k], runs[k]]
            if (run === undefined || !('ref' in input)) {
              expect(operand).toEqual({ root: operand.root, rootProof: [], data: '0x', proof: [] })
              return undefined
            }
            const [root, count] = roots[input.kind]
            expect(rootFromOpening(count, input.ref, [operand.root], operand.rootProof)).toBe(root)
            const bytes = { data: fromHex(operand.data), proof: operand.proof }
            const { from, length } = run
            return readRun(operand.root, inputWants(node, k).count, from, length, bytes)
          })
          const context = { step: 2, seed: job.seed }
          parts.push(judge(node, element, segment, (k) => data[k]!, context))
        }
        const value = parts.length === 1 ? parts[0] : foldBits(node, Int32Array.from(parts))
        expect(value | 0).toBe((await replay.output(index)).words[element])
      }
    })

    test('a corrupted output is in the graph, and what follows from it', async () => {
      const nodes = job.program.nodes.length
      const node = new Random(seed).below(nodes)
      const corruption = { step: 2, node, element: 0, bit: 30 }
      const cheat = await StepReplay.create(job, { backend, corruption }, 2, job.initialState)
      const first = Array.from({ length: nodes }, (_, i) => i).find(
        (i) => cheat.graph.leaf(i) !== replay.graph.leaf(i),
      )
      expect(first).toBe(node)
      const [bent, right] = [await cheat.output(node), await replay.output(node)]
      expect(bent.words[0] ^ right.words[0]).toBe(1 << 30)
    })
  },
)

test('an element of more than 65,536 is folded from its blocks', async () => {
  const reductions = OPERATORS.filter(({ family }) => family === 'reduce' || family === 'matmul')
  let judged = 0
  for (let seed = 0; judged < 3; seed++) {
    const options = { nodes: 2, operators: reductions, blocks: true }
    const job: Job = { ...randomProgram(new Random(seed), options), steps: 1, interval: 1 }
    const replay = await StepReplay.create(job, { backend }, 0, job.initialState)
    for (const [index, node] of job.program.nodes.entries()) {
      if (segments(node) <= 256) continue
      judged++
      const element = outputOf(node).count - 1
      const operands = await replay.operands(index)
      const { words } = await replay.output(index)
      const parts = judgeSegments(
        node,
        element,
        (k, { from, length }) => operands[k]!.words.subarray(from, from + length),
        { step: 0, seed: job.seed },
      )
      const blocks: number[] = []
      for (let at = 0; at < parts.length; at += 256)
        blocks.push(foldBits(node, parts.subarray(at, at + 256)))
      expect(foldBits(node, Int32Array.from(blocks)) | 0).toBe(words[element])
      expect(foldBits(node, parts) | 0).toBe(words[element])
    }
  }
})
