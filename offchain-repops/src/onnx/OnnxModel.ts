import type { ElementType } from './elementTypes.ts'
import type { KnownTensor } from './KnownTensor.ts'

/** A dimension: its length, the name of what its length is, or undefined where the file says neither. */
export type Dimension = number | string | undefined

/** An input or output of a graph; dims are undefined where the file does not even say how many. */
export interface Port {
  readonly name: string
  readonly type: ElementType
  readonly dims: readonly Dimension[] | undefined
}

export type Attribute =
  | { readonly kind: 'float' | 'int'; readonly value: number }
  | { readonly kind: 'floats' | 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: KnownTensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph }
  /** Within a function: the attribute of this name of the node that calls it. */
  | { readonly kind: 'reference'; readonly value: string }

export interface OnnxNode {
  /** The name in the file, or the place among the graph's nodes. */
  readonly name: string
  readonly domain: string
  readonly op: string
  /** An empty name is an optional input that is not given. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, Attribute>
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  /** Without those that initialisers give. */
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly initialisers: ReadonlyMap<string, KnownTensor>
}

/** A function of the model's own, which nodes call by domain and name. */
export interface OnnxFunction {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly nodes: readonly OnnxNode[]
  readonly defaults: ReadonlyMap<string, Attribute>
  readonly opsets: ReadonlyMap<string, number>
}

/** A model as its file has it: names resolve and types are known, but no operator was looked at yet. */
export interface OnnxModel {
  readonly producer: string
  readonly opsets: ReadonlyMap<string, number>
  readonly graph: OnnxGraph
  /** By `domain::name`. */
  readonly functions: ReadonlyMap<string, OnnxFunction>
}
