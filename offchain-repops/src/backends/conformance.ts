import { fromHex } from '../commit/hash.ts'
import { LEAF_ELEMENTS } from '../commit/tensor.ts'
import { lower } from '../execute/plan/lower.ts'
import type { Plan, Slot, Task } from '../execute/plan/types.ts'
import { decodeNode } from '../program/nodeCodec.ts'
import type { DType, Node, Program } from '../program/types.ts'
import { inputWants, outputOf, type TensorType } from '../program/wants.ts'
import type { Backend, StepContext } from './backend.ts'
import { compileWithout, needsWithout } from './compileWithout.ts'
import { isDeviceLost } from './isDeviceLost.ts'

/** Index of a vector's node and the counts of the tables that it may name. */
export const BOUNDS = { node: 40, states: 7, constants: 3 }

/**
 * A whole kernel: tensors are words end to end, eight hexadecimal digits each, most significant first. An input
 * with fewer words than its tensor repeats them.
 */
export interface KernelVector {
  /** Encoding of the node (docs/spec/repops.md, section 4.1), within BOUNDS. */
  readonly node: string
  readonly step: number
  /** Decimal, below 2^64. */
  readonly seed: string
  readonly inputs: readonly string[]
  readonly output: string
}

/** An element-wise operator on many operands: inputs case after case, `arity` words each. */
export interface ScalarVector {
  readonly op: string
  readonly type: DType
  readonly arity: number
  readonly count: number
  readonly inputs: string
  readonly outputs: string
}

export interface Vectors {
  readonly kernels: readonly KernelVector[]
  readonly scalars: readonly ScalarVector[]
}

/** What a backend showed for one operator on one operand type. */
export interface Conformance {
  readonly op: string
  readonly type: DType
  readonly cases: number
  /** The first case that differs or throws; undefined where the operator is proved. */
  readonly failure: string | undefined
}

/**
 * Runs every vector through a backend. One row for each operator and type, in the order of the vectors. Rejects where
 * the device is lost, which says nothing of operators.
 */
export async function proveBackend(backend: Backend, vectors: Vectors): Promise<Conformance[]> {
  const rows = new Map<string, Conformance>()
  const prove = async (vector: Case): Promise<void> => {
    const { node } = vector
    const key = kernelKey(node)
    const row = rows.get(key) ?? { op: node.op, type: node.type, cases: 0, failure: undefined }
    const failure = row.failure ?? (await difference(backend, vector))
    rows.set(key, { ...row, cases: row.cases + 1, failure })
  }
  for (const vector of vectors.kernels) await prove(kernelCase(vector))
  for (const vector of vectors.scalars) await prove(scalarCase(vector))
  return [...rows.values()]
}

/**
 * A backend that may be trusted: what `backend` did not prove bit by bit, and what no vector covers,
 * runs on `instead`; and without `fusing`, nodes are not fused. A wrong kernel would cost a solver its stake. Closing it
 * closes `backend`.
 */
export function provenBackend(
  backend: Backend,
  rows: readonly Conformance[],
  instead: Backend,
  fusing = true,
): Backend {
  const proved = new Set(rows.filter(({ failure }) => failure === undefined).map(kernelKey))
  const isRefused = (node: Node): boolean => !proved.has(kernelKey(node))
  return {
    name: backend.name,
    fuses: backend.fuses && fusing,
    isolates: (node) => isRefused(node) || backend.isolates?.(node) === true,
    needs: (plan) => needsWithout(backend, isRefused, instead, plan),
    compile: (plan) => compileWithout(backend, isRefused, instead, plan),
    close: () => backend.close(),
  }
}

const kernelKey = ({ op, type }: { readonly op: string; readonly type: DType }): string =>
  `${op} ${type}`

interface Case {
  readonly node: Node
  /** In the order of the node's inputs; those of immediates and the step are not looked at. */
  readonly inputs: readonly Int32Array[]
  readonly output: Int32Array
  readonly context: StepContext
}

function kernelCase({ node: encoding, inputs, output, step, seed }: KernelVector): Case {
  const node = decodeNode(fromHex(encoding), BOUNDS)
  return {
    node,
    inputs: inputs.map((hex, k) => repeated(hexWords(hex), inputWants(node, k).count)),
    output: hexWords(output),
    context: { step, seed: BigInt(seed) },
  }
}

function scalarCase({ op, type, arity, count, inputs, outputs }: ScalarVector): Case {
  const words = hexWords(inputs)
  const operands = Array.from({ length: arity }, (_, k) => k)
  const masks = operands.map(() => 1)
  return {
    node: {
      op,
      type,
      inputs: operands.map((ref) => ({ kind: 'node', ref })),
      form: { family: 'elementwise', dims: [count], masks },
    },
    inputs: operands.map((k) => words.filter((_, i) => i % arity === k)),
    output: hexWords(outputs),
    context: { step: 0, seed: 0n },
  }
}

/** How a backend's result differs. The node is run twice: on constants, which may be prepared, and on the arena. */
async function difference(backend: Backend, vector: Case): Promise<string | undefined> {
  const { node, inputs, output: expected, context } = vector
  const { plan, written, results } = planOfCase(node)
  try {
    const executable = await backend.compile(plan)
    try {
      for (const { slot, input } of written) await executable.write(slot, inputs[input])
      // What was there before must not show.
      const { count } = outputOf(node)
      for (const slot of results)
        await executable.write(slot, new Int32Array(count).fill(0x5a5a5a5a))
      await executable.run(0, plan.tasks.length, context)
      for (const slot of results) {
        const words = await executable.read(slot)
        const element = words.findIndex((word, i) => word !== expected[i])
        if (element < 0 && words.length === expected.length) continue
        return `element ${element} of ${count} is ${hex(words[element])}, not ${hex(expected[element])}`
      }
      return undefined
    } finally {
      await executable.close()
    }
  } catch (error) {
    if (isDeviceLost(error)) throw error
    return `${node.form.family} kernel failed: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** One node in two tasks that share nothing; `written` says which slot takes which input. */
function planOfCase(node: Node): {
  plan: Plan
  written: { slot: number; input: number }[]
  results: number[]
} {
  const wants = node.inputs.map((_, k) => inputWants(node, k))
  const constants = wants.map((want, k) => ({ ...want, name: `input ${k}` }))
  const slots: Slot[] = constants.map(({ type, count }, ref) => ({
    type,
    count,
    place: { kind: 'constant', ref },
  }))
  const written = constants.map((_, k) => ({ slot: k, input: k }))
  let arenaWords = 0
  const inArena = ({ type, count }: TensorType): number => {
    const place = { kind: 'arena', offset: arenaWords } as const
    arenaWords += Math.ceil(count / LEAF_ELEMENTS) * LEAF_ELEMENTS
    return slots.push({ type, count, place }) - 1
  }
  const task = (source: 'constant' | 'arena'): Task => {
    const inputs = node.inputs.map((input, k): number => {
      const { type, count } = wants[k]
      if (input.kind === 'step') return slots.push({ type, count, place: input }) - 1
      if (input.kind === 'immediate') return slots.push({ type, count, place: input }) - 1
      if (source === 'constant') return k
      written.push({ slot: inArena(wants[k]), input: k })
      return written[written.length - 1].slot
    })
    const outputs = [inArena(outputOf(node))]
    return { nodes: [0], kernel: lower(node), inputs, outputs, commit: false }
  }
  const tasks = [task('constant'), task('arena')]
  const program: Program = {
    nodes: [
      {
        ...node,
        inputs: node.inputs.map((input, ref) =>
          'ref' in input ? { kind: 'constant', ref } : input,
        ),
      },
    ],
    states: [],
    constants,
  }
  const results = tasks.map(({ outputs }) => outputs[0])
  return { plan: { program, slots, arenaWords, tasks }, written, results }
}

const hex = (word: number): string => `0x${(word >>> 0).toString(16).padStart(8, '0')}`

/** `count` words: those given, again and again. */
export const repeated = (words: Int32Array, count: number): Int32Array =>
  words.length === count
    ? words
    : Int32Array.from({ length: count }, (_, i) => words[i % words.length])

/** Reads words end to end, eight hexadecimal digits each. */
export function hexWords(text: string): Int32Array {
  return Int32Array.from({ length: (text.length - 2) / 8 }, (_, i) =>
    Number.parseInt(text.slice(2 + 8 * i, 10 + 8 * i), 16),
  )
}
