import { fromHex } from '../commit/hash.ts'
import { operatorOf } from '../ops/index.ts'
import { slotType } from '../ops/define.ts'
import { decodeNode } from '../program/nodeCodec.ts'
import type { DType, Node } from '../program/types.ts'
import { inputWants, outputOf } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'
import type { Backend, StepContext } from './backend.ts'

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

/** Runs every vector through a backend. One row for each operator and type, in the order of the vectors. */
export function proveBackend(backend: Backend, vectors: Vectors): Conformance[] {
  const rows = new Map<string, Conformance>()
  const prove = ({ node, inputs, output, context }: Case): void => {
    const key = kernelKey(node)
    const row = rows.get(key) ?? { op: node.op, type: node.type, cases: 0, failure: undefined }
    const failure = row.failure ?? difference(backend, node, inputs, output, context)
    rows.set(key, { ...row, cases: row.cases + 1, failure })
  }
  for (const vector of vectors.kernels) prove(kernelCase(vector))
  for (const vector of vectors.scalars) prove(scalarCase(vector))
  return [...rows.values()]
}

/**
 * A backend that may be trusted: what `backend` did not prove bit by bit, and what no vector covers,
 * runs on `instead`. A wrong kernel would cost a solver its stake.
 */
export function provenBackend(
  backend: Backend,
  rows: readonly Conformance[],
  instead: Backend,
): Backend {
  const proved = new Set(rows.filter(({ failure }) => failure === undefined).map(kernelKey))
  return {
    name: backend.name,
    run(node, inputs, output, context) {
      const chosen = proved.has(kernelKey(node)) ? backend : instead
      chosen.run(node, inputs, output, context)
    },
  }
}

const kernelKey = ({ op, type }: { readonly op: string; readonly type: DType }): string =>
  `${op} ${type}`

interface Case {
  readonly node: Node
  readonly inputs: readonly Tensor[]
  readonly output: Int32Array
  readonly context: StepContext
}

function kernelCase({ node: encoding, inputs, output, step, seed }: KernelVector): Case {
  const node = decodeNode(fromHex(encoding), BOUNDS)
  return {
    node,
    inputs: inputs.map((hex, k) => {
      const { type, count } = inputWants(node, k)
      return new Tensor(type, repeated(hexWords(hex), count))
    }),
    output: hexWords(output),
    context: { step, seed: BigInt(seed) },
  }
}

function scalarCase({ op: name, type, arity, count, inputs, outputs }: ScalarVector): Case {
  const op = operatorOf(name)
  const words = hexWords(inputs)
  const operands = Array.from(
    { length: arity },
    (_, k) =>
      new Tensor(
        slotType(op.inputs[k], type),
        words.filter((_, i) => i % arity === k),
      ),
  )
  const masks = operands.map(() => 1)
  return {
    node: { op: name, type, inputs: [], form: { family: 'elementwise', dims: [count], masks } },
    inputs: operands,
    output: hexWords(outputs),
    context: { step: 0, seed: 0n },
  }
}

function difference(
  backend: Backend,
  node: Node,
  inputs: readonly Tensor[],
  expected: Int32Array,
  context: StepContext,
): string | undefined {
  const { type, count } = outputOf(node)
  const output = new Tensor(type, new Int32Array(count).fill(0x5a5a5a5a)) // what was there before must not show
  try {
    backend.run(node, inputs, output, context)
  } catch (error) {
    return `${node.form.family} kernel failed: ${error instanceof Error ? error.message : String(error)}`
  }
  const element = output.words.findIndex((word, i) => word !== expected[i])
  if (element < 0) return undefined
  return `element ${element} of ${count} is ${hex(output.words[element])}, not ${hex(expected[element])}`
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
