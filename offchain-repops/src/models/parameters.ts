import type { Graph } from '../build/Graph.ts'
import type { Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import { product } from '../program/wants.ts'
import { Tensor } from '../tensor.ts'
import { filled, uniform } from './initialise.ts'

/** A tensor of a model's weights, and what it is before any training. */
export interface ModelParameter {
  readonly name: string
  readonly value: Value
  /** Spread evenly around 0 with this standard deviation, or one number everywhere. */
  readonly start: { readonly deviation: number } | { readonly value: number }
}

/**
 * The weights of a model while it is built: states where they are trained, constants where they are given, or parts of
 * one flat f32 value, in the order in which they are declared.
 */
export class Parameters {
  readonly list: ModelParameter[] = []
  readonly #graph: Graph
  readonly #source: 'state' | 'constant' | Value

  constructor(graph: Graph, source: 'state' | 'constant' | Value) {
    this.#graph = graph
    this.#source = source
  }

  /** A matrix or table that begins spread evenly with this standard deviation. */
  random(name: string, shape: Shape, deviation: number): Value {
    return this.#add(name, shape, { deviation })
  }

  filled(name: string, shape: Shape, value: number): Value {
    return this.#add(name, shape, { value })
  }

  /** Numbers in all of them together. */
  get count(): number {
    return this.list.reduce((sum, { value }) => sum + value.count, 0)
  }

  /** First values by name. Each parameter draws from a Philox stream of its own. */
  initial(seed: bigint): Map<string, Tensor> {
    return new Map(
      this.list.map(({ name, value: { count }, start }, stream) => [
        name,
        'value' in start
          ? filled(count, start.value)
          : uniform(count, start.deviation * Math.sqrt(3), seed, stream),
      ]),
    )
  }

  #add(name: string, shape: Shape, start: ModelParameter['start']): Value {
    const source = this.#source
    const value =
      typeof source === 'string'
        ? this.#graph[source](name, 'f32', shape)
        : source.slice(0, this.count, this.count + product(shape)).reshape(shape)
    this.list.push({ name, value, start })
    return value
  }
}
