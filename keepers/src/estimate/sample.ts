import { type DType, type Kernel, LEAF_ELEMENTS, type Plan, type Slot } from '@lockstep/repops'
import { cutWork, operationsOf, wordsOf } from './cut.ts'
import { madeUpWords } from './madeUpWords.ts'
import type { Shape } from './shapes.ts'

/** A task of a shape, or of a smaller one of the same kind, on made-up data, to be run again and again. */
export interface Sample {
  readonly plan: Plan
  /** What to write into the slots before it is run. */
  readonly writes: readonly { readonly slot: number; readonly words: Int32Array }[]
  /** Elements that a task of it computes: see operationsOf. */
  readonly operations: number
}

/** `operations` and `words`: what its task may take; `repeats`: how often it computes the same. */
export function sampleOf(
  shape: Shape,
  operations: number,
  words: number,
  repeatsOf: (operations: number) => number,
): Sample {
  const { kernel, nodes } = cutWork(shape, operations, words)
  const counts = wordsOf(kernel)
  const read = { tensor: new Map<number, Tensor>(), constant: new Map<number, Tensor>() }
  shape.inputs.forEach((source, k) => {
    if (!('number' in source)) return
    const { kind, number, type } = source
    const count = Math.max(counts.inputs[k], read[kind].get(number)?.count ?? 0)
    read[kind].set(number, { type, count, limit: limitOf(kernel, k) })
  })
  const tensors = [...read.tensor.values(), ...read.constant.values()]
  const slots = tensors.map(({ type, count }, ref): Slot => {
    const states = read.tensor.size
    const place = ref < states ? { kind: 'state', ref } : { kind: 'constant', ref: ref - states }
    return { type, count, place } as Slot
  })
  const entries = tensors.map(({ type, count }) => ({ name: '', type, count }))
  const add = (slot: Slot): number => slots.push(slot) - 1
  const inputs = shape.inputs.map((source): number => {
    if (source.kind === 'step') return add({ type: 'i32', count: 1, place: source })
    if (source.kind === 'immediate') return add({ type: source.type, count: 1, place: source })
    const at = [...read[source.kind].keys()].indexOf(source.number)
    return source.kind === 'tensor' ? at : read.tensor.size + at
  })
  let arenaWords = 0
  const outputs = shape.outputs.map((type, k): number => {
    const count = counts.outputs[k]
    const offset = arenaWords
    arenaWords += Math.ceil(count / LEAF_ELEMENTS) * LEAF_ELEMENTS
    return add({ type, count, place: { kind: 'arena', offset } })
  })
  const task = { nodes: nodes.map((_, node) => node), kernel, inputs, outputs, commit: false }
  const states = entries.slice(0, read.tensor.size).map((entry) => ({ ...entry, next: undefined }))
  const program = { nodes, states, constants: entries.slice(read.tensor.size) }
  const size = operationsOf(kernel)
  const tasks = new Array<typeof task>(repeatsOf(size)).fill(task)
  const writes = tensors.map(({ type, count, limit }, slot) => ({
    slot,
    words: madeUpWords(type, count, limit),
  }))
  return { plan: { program, slots, arenaWords, tasks }, writes, operations: size }
}

/** What a task reads, once for all inputs that are the same tensor. */
interface Tensor {
  readonly type: DType
  readonly count: number
  readonly limit: number | undefined
}

/** What the values of input `k` are below, where they are indices. */
function limitOf(kernel: Kernel, k: number): number | undefined {
  if (kernel.kind !== 'indexed') return undefined
  return k === (kernel.op === 'Gather' ? 1 : 0) ? kernel.V : undefined
}
