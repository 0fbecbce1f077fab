import { computeNode } from '../../../src/backends/reference/computeNode.ts'
import { operatorOf } from '../../../src/ops/index.ts'
import { slotType } from '../../../src/ops/define.ts'
import type { DType, Form, Node } from '../../../src/program/types.ts'
import { inputWants, outputOf } from '../../../src/program/wants.ts'
import { Random } from '../../../src/testing/Random.ts'
import { Tensor } from '../../../src/tensor.ts'
import type { Part, Row } from '../part.ts'

const COUNT = 65_536
const PRODUCTS = [[1, 256, 256, 256], [1, 512, 64, 768], [32, 32, 32, 12], [1, 1, 1024, 1024]] // prettier-ignore
const ELEMENTWISE = ['Add', 'Mul', 'Div', 'Sqrt', 'Fma', 'Max', 'Where', 'Exp', 'Log', 'Tanh', 'Erf', 'Sin', 'Cos', 'Pow'] // prettier-ignore
const OTHERS: readonly [name: string, op: string, form: Form, type?: DType][] = [
  ['ReduceSum 256x256', 'ReduceSum', { family: 'reduce', R: 256, K: 256 }],
  ['ReduceMax 256x256', 'ReduceMax', { family: 'reduce', R: 256, K: 256 }],
  ['Gather 1024 rows of 64', 'Gather', { family: 'indexed', B: 1, V: 256, R: 64, Q: 1024 }],
  ['ScatterAdd 1024 rows of 64', 'ScatterAdd', { family: 'indexed', B: 1, V: 256, R: 64, Q: 1024 }],
  ['Move: transpose 256x256', 'Move', {
    family: 'move', inDims: [256, 256], outDims: [256, 256], fill: 0,
    axes: [1, 0].map((axis) => ({ offset: 0, divisor: 1, terms: [{ axis, coefficient: 1 }] })),
  }],
  ['Philox', 'Philox', { family: 'generate', N: COUNT, stream: 0 }, 'i32'],
] // prettier-ignore

/** One core: matrix products in GFLOP/s, everything else in nanoseconds an element. */
export const part: Part = function* ({ quick }) {
  const runs = quick ? 3 : 40
  for (const [B, M, N, K] of PRODUCTS) {
    const form: Form = { family: 'matmul', B, M, N, K, xShared: false, yShared: false }
    const flops = 2 * B * M * N * K
    const value = flops / bestMs(runs, 'MatMul', form) / 1e6
    yield { name: `MatMul ${B}x${M}x${N}x${K}`, value, unit: 'GFLOP/s' }
  }
  const each = (name: string, op: string, form: Form, type?: DType): Row => ({
    name,
    value: (bestMs(runs, op, form, type) * 1e6) / COUNT,
    unit: 'ns',
  })
  for (const op of ELEMENTWISE) {
    const masks = operatorOf(op).inputs.map(() => 1)
    yield each(op, op, { family: 'elementwise', dims: [COUNT], masks })
  }
  for (const other of OTHERS) yield each(...other)
}

/** Best time of one run of the node on ordinary values, in milliseconds. */
function bestMs(runs: number, op: string, form: Form, type: DType = 'f32'): number {
  const inputs = operatorOf(op).inputs.map((_, ref) => ({ kind: 'node', ref }) as const)
  const node: Node = { op, type, inputs, form }
  const random = new Random(1)
  const operands = inputs.map((_, k) => {
    const { type, count } = inputWants(node, k)
    const tensor = Tensor.zeros(type, count)
    for (let i = 0; i < count; i++) {
      if (type === 'i32') tensor.words[i] = random.below(256)
      else tensor.floats[i] = 0.1 + random.below(2 ** 24) / 2 ** 23
    }
    return tensor
  })
  const output = Tensor.zeros(slotType(operatorOf(op).result, type), outputOf(node).count)
  let best = Infinity
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    computeNode(node, operands, output, { step: 0, seed: 1n })
    best = Math.min(best, performance.now() - start)
  }
  return best
}
