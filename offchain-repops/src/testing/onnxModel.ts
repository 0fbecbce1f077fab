import type { ElementType } from '../onnx/elementTypes.ts'
import { KnownTensor } from '../onnx/KnownTensor.ts'
import type { Attribute, OnnxModel, OnnxNode, Port } from '../onnx/OnnxModel.ts'
import { product } from '../program/wants.ts'
import { Random } from './Random.ts'

/** An attribute as it is written in tests: whole numbers are ints; `f` makes floats of numbers. */
export type Plain = number | string | readonly number[] | KnownTensor | Attribute

export type NodeDraft = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, Plain>>,
  domain?: string,
]

export interface ModelDraft {
  readonly opset?: number
  readonly inputs: Readonly<Record<string, readonly [ElementType, ...(number | string)[]]>>
  /** Names, with a type where that is not float. */
  readonly outputs: readonly (string | readonly [string, ElementType])[]
  readonly nodes: readonly NodeDraft[]
  readonly initialisers?: Readonly<Record<string, KnownTensor>>
}

export const f = (value: number | readonly number[]): Attribute =>
  typeof value === 'number' ? { kind: 'float', value } : { kind: 'floats', value }

export function onnxModel(draft: ModelDraft): OnnxModel {
  const { opset = 17, inputs, outputs, nodes, initialisers = {} } = draft
  return {
    producer: 'test',
    opsets: new Map([
      ['', opset],
      ['com.microsoft', 1],
    ]),
    graph: {
      nodes: nodes.map(nodeOf),
      inputs: Object.entries(inputs).map(([name, [type, ...dims]]) => ({ name, type, dims })),
      outputs: outputs.map((it): Port => {
        const [name, type] = typeof it === 'string' ? [it, 'float' as const] : it
        return { name, type, dims: undefined }
      }),
      initialisers: new Map(
        Object.entries(initialisers).map(([name, tensor]) => [name, tensor.with({ name })]),
      ),
    },
    functions: new Map(),
  }
}

export function nodeOf([op, inputs, outputs, attributes = {}, domain = '']: NodeDraft): OnnxNode {
  const entries = Object.entries(attributes).map(([name, it]) => [name, attributeOf(it)] as const)
  return { name: `${op} ${outputs[0]}`, domain, op, inputs, outputs, attributes: new Map(entries) }
}

function attributeOf(plain: Plain): Attribute {
  if (typeof plain === 'number') return { kind: 'int', value: plain }
  if (typeof plain === 'string') return { kind: 'string', value: plain }
  if (plain instanceof KnownTensor) return { kind: 'tensor', value: plain }
  return 'kind' in plain ? plain : { kind: 'ints', value: plain }
}

/** Floats spread evenly over a range. */
export function randomFloats(
  dims: readonly number[],
  { seed = 1, least = -2, most = 2 }: { seed?: number; least?: number; most?: number } = {},
): KnownTensor {
  const random = new Random(seed)
  const spread = (): number => least + ((most - least) * random.below(2 ** 24)) / 2 ** 24
  return KnownTensor.floats(Array.from({ length: product(dims) }, spread), dims)
}

/** Whole numbers from `least` to `most`. */
export function randomInts(
  dims: readonly number[],
  least: number,
  most: number,
  type: ElementType = 'int64',
): KnownTensor {
  const random = new Random(2)
  const values = Array.from({ length: product(dims) }, () => random.between(least, most))
  return KnownTensor.ints(values, dims).cast(type)
}
