import type { Graph } from '../build/Graph.ts'
import type { Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import { Tensor } from '../tensor.ts'
import { filled, uniform } from './initialise.ts'

/** A tensor of a model's weights, and what it is before any training. */
export interface ModelParameter {
  readonly name: string
  readonly value: Value
  /** Spread evenly around 0 with this standard deviation, or one number everywhere. */
  readonly start: { readonly deviation: number } | { readonly value: number }
}

/** The weights of a model while it is built: states where they are trained, constants where they are given. */
export class Parameters {
  readonly list: ModelParameter[] = []
  readonly #graph: Graph
  readonly #kind: 'state' | 'constant'

  constructor(graph: Graph, kind: 'state' | 'constant') {
    this.#graph = graph
    this.#kind = kind
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
    const value = this.#graph[this.#kind](name, 'f32', shape)
    this.list.push({ name, value, start })
    return value
  }
}
