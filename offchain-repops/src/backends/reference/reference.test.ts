import { describe, expect, test } from 'vitest'
import { OPERATORS } from '../../ops/index.ts'
import type { Node } from '../../program/types.ts'
import { inputWants, outputOf } from '../../program/wants.ts'
import { judgeElement } from '../../referee/judge.ts'
import { Random } from '../../testing/Random.ts'
import { randomNode } from '../../testing/randomNode.ts'
import { Tensor } from '../../tensor.ts'
import { computeNode } from './computeNode.ts'

const context = { step: 7, seed: 0x0123456789abcdefn }
const NODES = 60

/** Operands of the kinds and sizes that the node wants; indices mostly in range. */
function operands(random: Random, node: Node): Tensor[] {
  return node.inputs.map((input, k) => {
    const { type, count } = inputWants(node, k)
    if (input.kind === 'immediate') return new Tensor(type, Int32Array.of(input.bits))
    if (input.kind === 'step') return new Tensor(type, Int32Array.of(context.step))
    const tensor = Tensor.zeros(type, count)
    const { form } = node
    const index =
      form.family === 'indexed' && type === 'i32' && k === (node.op === 'Gather' ? 1 : 0)
    for (let i = 0; i < count; i++) {
      tensor.words[i] = index ? random.between(-1, form.V) : random.word(type)
    }
    return tensor
  })
}

function expectJudged(node: Node, inputs: readonly Tensor[]): void {
  const { type, count } = outputOf(node)
  const output = Tensor.zeros(type, count)
  output.words.fill(0x55555555)
  computeNode(node, inputs, output, context)
  const judged = Int32Array.from({ length: count }, (_, element) =>
    judgeElement(
      node,
      element,
      (input, { from, length }) => inputs[input].words.slice(from, from + length),
      context,
    ),
  )
  expect(output.words, JSON.stringify(node)).toEqual(judged)
}

describe('the reference backend agrees with the referee on every element', () => {
  for (const op of OPERATORS) {
    test(op.name, () => {
      const random = new Random(op.code)
      for (let done = 0, i = 0; done < NODES; i++) {
        // Now and then an axis longer than a segment, so that partial results are combined.
        const long = i % 6 === 0 ? 5000 : 7
        const node = randomNode(
          random,
          op,
          { node: 1, states: 0, constants: 0 },
          () => (random.chance(0.25) ? random.between(1, long) : random.between(1, 7)),
          () => ({ kind: 'node', ref: 0 }),
        )
        const counts = node.inputs.map((_, k) => inputWants(node, k).count)
        if (Math.max(outputOf(node).count, ...counts) > 30_000) continue
        expectJudged(node, operands(random, node))
        done += 1
      }
    })
  }
})

test('a reduction over 70,000 elements is combined in three rounds', () => {
  const random = new Random(70_000)
  const K = 70_000
  const x = Tensor.zeros('f32', K)
  for (let i = 0; i < K; i++) x.words[i] = random.word('f32') & 0xbfffffff // finite, mostly small
  const inputs = [{ kind: 'node', ref: 0 }] as const
  for (const op of ['ReduceSum', 'ReduceMax']) {
    expectJudged({ op, type: 'f32', inputs, form: { family: 'reduce', R: 1, K } }, [x])
  }
  const twice = [...inputs, ...inputs]
  const matmul = { family: 'matmul', B: 1, M: 1, N: 1, K, xShared: false, yShared: false } as const
  expectJudged({ op: 'MatMul', type: 'f32', inputs: twice, form: matmul }, [x, x])
  const index = Tensor.zeros('i32', K)
  for (let i = 0; i < K; i++) index.words[i] = random.below(3)
  const scatter = { family: 'indexed', B: 1, V: 3, R: 1, Q: K } as const
  expectJudged({ op: 'ScatterAdd', type: 'f32', inputs: twice, form: scatter }, [index, x])
})
