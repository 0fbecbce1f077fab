import type { Backend, StepContext } from '../backends/backend.ts'
import { HostExecutable } from '../backends/hostExecutable.ts'
import { tensorNeeds } from '../backends/tensorNeeds.ts'
import { coordinates } from '../execute/operandRuns.ts'
import type { Instruction, Kernel, MatMulKernel, RowsKernel } from '../execute/plan/types.ts'
import type { Form, Input, Node } from '../program/types.ts'
import { outputOf, product } from '../program/wants.ts'
import { judgeElement } from '../referee/judge.ts'
import { Tensor } from '../tensor.ts'

/**
 * A backend that does what the definitions of kernels say, one element after the other, each as the referee computes
 * it. It takes the liberties that a kernel has: in a row, an instruction goes through all elements and writes what it
 * stores before the next one begins.
 */
export const interpreter: Backend = {
  name: 'interpreter',
  fuses: true,
  needs: tensorNeeds,
  compile: (plan) =>
    Promise.resolve(
      new HostExecutable(
        plan,
        ({ kernel }, inputs, outputs, context) => {
          interpret(kernel, inputs.map(wordsOf), outputs.map(wordsOf), context)
        },
        UNWRITTEN,
      ),
    ),
  close: () => Promise.resolve(),
}

// What nobody wrote must not look like zeros.
const UNWRITTEN = 0x6b6b6b6b

const wordsOf = ({ words }: Tensor): Int32Array => words

function interpret(
  kernel: Kernel,
  inputs: readonly Int32Array[],
  outputs: readonly Int32Array[],
  context: StepContext,
): void {
  const [out] = outputs
  switch (kernel.kind) {
    case 'rows':
      rows(kernel, inputs, outputs, context)
      break
    case 'matmul':
      matmul(kernel, inputs, out, context)
      break
    case 'columns': {
      const { op, type, O, K, I } = kernel
      const node = nodeOf(op, type, { family: 'reduce', R: 1, K }, 1)
      for (let at = 0; at < O * I; at++) {
        const from = Math.floor(at / I) * K * I + (at % I)
        const column = Int32Array.from({ length: K }, (_, k) => inputs[0][from + k * I])
        out[at] = element(node, 0, [column], context)
      }
      break
    }
    case 'move':
      whole(nodeOf('Move', 'i32', kernel.form, 1), inputs, out, context)
      break
    case 'concat': {
      const { O, I, sizes } = kernel
      const form = { family: 'concat', O, I, sizes } as const
      whole(nodeOf('Concat', 'i32', form, sizes.length), inputs, out, context)
      break
    }
    case 'indexed': {
      const { op, type, B, V, R, Q } = kernel
      whole(nodeOf(op, type, { family: 'indexed', B, V, R, Q }, 2), inputs, out, context)
      break
    }
    case 'generate': {
      const { op, N, stream } = kernel
      whole(nodeOf(op, 'i32', { family: 'generate', N, stream }, 0), inputs, out, context)
      break
    }
    case 'copy':
      out.set(inputs[0])
      break
  }
}

function rows(
  { dims, strides, instructions, stores }: RowsKernel,
  inputs: readonly Int32Array[],
  outputs: readonly Int32Array[],
  context: StepContext,
): void {
  const outer = dims.slice(0, -1)
  const length = dims[dims.length - 1]
  for (let row = 0; row < product(outer); row++) {
    const at = coordinates(outer, row)
    const starts = strides.map((steps) => at.reduce((sum, i, axis) => sum + i * steps[axis], 0))
    const values: Int32Array[] = []
    /** Operand k at column i. */
    const read = ({ operands }: Instruction, k: number, i: number): number => {
      const { kind, index } = operands[k]
      if (kind === 'input') return inputs[index][starts[index] + i * strides[index][outer.length]]
      return values[index][instructions[index].perRow ? 0 : i]
    }
    instructions.forEach((instruction, index) => {
      const { op, type, operands, perRow } = instruction
      const reduces = op === 'ReduceSum' || op === 'ReduceMax'
      const form: Form = reduces
        ? { family: 'reduce', R: 1, K: length }
        : { family: 'elementwise', dims: [], masks: operands.map(() => 0) }
      const node = nodeOf(op, type, form, operands.length)
      const value = Int32Array.from({ length: perRow ? 1 : length }, (_, i) => {
        const words = operands.map((_, k) =>
          reduces
            ? Int32Array.from({ length }, (_, column) => read(instruction, k, column))
            : Int32Array.of(read(instruction, k, i)),
        )
        return element(node, 0, words, context)
      })
      values.push(value)
      stores.forEach((stored, k) => {
        if (stored === index) outputs[k].set(value, row * value.length)
      })
    })
  }
}

function matmul(
  { batch, M, N, K, x, y, out: result }: MatMulKernel,
  inputs: readonly Int32Array[],
  out: Int32Array,
  context: StepContext,
): void {
  const form = { family: 'matmul', B: 1, M: 1, N: 1, K, xShared: false, yShared: false } as const
  const node = nodeOf('MatMul', 'f32', form, 2)
  for (let b = 0; b < product(batch); b++) {
    const at = coordinates(batch, b)
    const start = (steps: readonly number[]): number =>
      at.reduce((sum, i, axis) => sum + i * steps[axis], 0)
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        const runs = [
          { words: inputs[0], from: start(x.batch) + m * x.row, step: x.column },
          { words: inputs[1], from: start(y.batch) + n * y.row, step: y.column },
        ].map(({ words, from, step }) =>
          Int32Array.from({ length: K }, (_, k) => words[from + k * step]),
        )
        const to = start(result.batch) + m * result.row + n * result.column
        out[to] = element(node, 0, runs, context)
      }
    }
  }
}

/** All elements of a node whose inputs and output lie as they are. */
function whole(
  node: Node,
  inputs: readonly Int32Array[],
  out: Int32Array,
  context: StepContext,
): void {
  for (let e = 0; e < outputOf(node).count; e++) out[e] = element(node, e, inputs, context)
}

const element = (
  node: Node,
  index: number,
  operands: readonly Int32Array[],
  context: StepContext,
): number =>
  judgeElement(
    node,
    index,
    (k, { from, length }) => operands[k].subarray(from, from + length),
    context,
  )

function nodeOf(op: string, type: Node['type'], form: Form, inputs: number): Node {
  const anywhere: Input = { kind: 'node', ref: 0 }
  return { op, type, inputs: Array.from({ length: inputs }, () => anywhere), form }
}
