import { NAN_BITS } from '../../numbers/bits.ts'
import { slotType } from '../../ops/define.ts'
import { operatorOf } from '../../ops/index.ts'
import type { Node } from '../../program/types.ts'
import type { Tensor } from '../../tensor.ts'
import type { StepContext } from '../backend.ts'
import { concat } from './concat.ts'
import { elementwise } from './elementwise.ts'
import { gather, scatterAdd } from './indexed.ts'
import { iota, philoxWords } from './generate.ts'
import { matmul } from './matmul.ts'
import { move } from './move.ts'
import { reduceMax, reduceSum } from './reduce.ts'

/**
 * Computes one node, the definition in plain TypeScript: no native code, the same bits on every machine. Kernels choose
 * loops for speed; what they compute is what src/referee/judge.ts computes per element. `inputs` are whole tensors in
 * the order of the node's inputs, an immediate or the step one of a single element; `output` is written in full, and
 * may be the very input of an element-wise node that varies along all axes.
 */
export function computeNode(
  node: Node,
  inputs: readonly Tensor[],
  output: Tensor,
  context: StepContext,
): void {
  const op = operatorOf(node.op)
  const form = node.form
  switch (form.family) {
    case 'elementwise':
      elementwise(op, node.type, form, inputs, output)
      break
    case 'matmul':
      matmul(form, inputs[0], inputs[1], output)
      break
    case 'reduce':
      if (op.name === 'ReduceSum') reduceSum(form, inputs[0], output)
      else reduceMax(form, inputs[0], output)
      break
    case 'indexed':
      if (op.name === 'Gather') gather(form, inputs[0], inputs[1], output)
      else scatterAdd(form, inputs[0], inputs[1], output)
      break
    case 'move':
      move(form, inputs[0], output)
      break
    case 'concat':
      concat(form, inputs, output)
      break
    case 'generate':
      if (op.name === 'Iota') iota(output)
      else philoxWords(form.stream, context, output)
      break
  }
  const computed = slotType(op.result, node.type) === 'f32' && !op.copies
  if (computed) canonicalise(output)
}

/** Arithmetic writes one NaN; which one an engine stores is its own affair. */
function canonicalise({ floats, words }: Tensor): void {
  const blocked = floats.length - (floats.length % 4)
  for (let i = 0; i < blocked; i += 4) {
    // A NaN among four makes their sum one; so do two infinities, which the closer look finds.
    const sum = floats[i] + floats[i + 1] + floats[i + 2] + floats[i + 3]
    if (sum !== sum) canonicaliseRange(floats, words, i, i + 4)
  }
  canonicaliseRange(floats, words, blocked, floats.length)
}

function canonicaliseRange(
  floats: Float32Array,
  words: Int32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    if (floats[i] !== floats[i]) words[i] = NAN_BITS
  }
}
