import { createHash } from 'node:crypto'
import { Graph } from '../build/Graph.ts'
import type { Parameter } from '../build/optimisers/Parameter.ts'
import type { Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import type { DType } from '../program/types.ts'
import type { Tensor } from '../tensor.ts'
import { evaluate, operationsOf } from './evaluate.ts'
import { KnownTensor } from './KnownTensor.ts'
import type { Materialiser } from './operand.ts'

// Names of entries have at most 64 bytes (docs/spec/repops.md, section 4.4); optimisers append to them.
const MAX_NAME = 52

// What takes more operations than this is left to the program: the definition is slow.
export const FOLD_LIMIT = 2 ** 28

/** Known tensors as states, where they are trained, as scalars, or as constants, each of which is there once. */
export class GraphMaterialiser implements Materialiser {
  readonly graph: Graph
  readonly parameters: Parameter[] = []
  readonly initial = new Map<string, Tensor>()
  readonly constants = new Map<string, Tensor>()
  readonly #names = new Set<string>()
  readonly #made = new WeakMap<object, Value>()
  readonly #byContents = new Map<string, Value>()

  constructor(graph: Graph) {
    this.graph = graph
  }

  materialise(tensor: KnownTensor): Value {
    if (!tensor.trained) return this.#constant(tensor)
    // Keyed by the contents, which views under other shapes share.
    let state = this.#made.get(tensor.data)
    if (state === undefined) {
      const name = this.#entryName(tensor.name)
      state = this.graph.state(name, 'f32', tensor.dims)
      this.#made.set(tensor.data, state)
      this.parameters.push({ name, value: state })
      this.initial.set(name, tensor.toTensor())
    }
    return state.reshape(tensor.dims)
  }

  fold(tensors: readonly KnownTensor[], build: (values: readonly Value[]) => Value): Value {
    const given = (): Value => build(tensors.map((tensor) => this.materialise(tensor)))
    if (tensors.some(({ trained }) => trained)) return given()
    const scratch = new ScratchMaterialiser()
    const value = build(tensors.map((tensor) => scratch.materialise(tensor)))
    if (operationsOf([value]) > FOLD_LIMIT) return given()
    const [result] = evaluate([value], scratch.tensors)
    const data = value.type === 'f32' ? result.floats : Float64Array.from(result.words)
    const type = value.type === 'f32' ? 'float' : 'int64'
    return this.materialise(
      new KnownTensor(type, value.shape, data, { name: `${tensors[0].name}'` }),
    )
  }

  #constant(tensor: KnownTensor): Value {
    const single = scalarOf(this.graph, tensor)
    if (single) return single
    const words = tensor.toTensor()
    const digest = createHash('sha256').update(words.bytes).digest('hex')
    const key = `${words.type} ${digest}`
    let constant = this.#byContents.get(key)
    if (constant === undefined) {
      const name = this.#entryName(tensor.name)
      constant = this.graph.constant(name, words.type, tensor.dims)
      this.#byContents.set(key, constant)
      this.constants.set(name, words)
    }
    return constant.reshape(tensor.dims)
  }

  /** A state that no step changes, called so as far as entries may be. */
  state(name: string, type: DType, shape: Shape): Value {
    return this.graph.state(this.#entryName(name), type, shape)
  }

  /** The name as far as an entry takes it, and unlike all others. */
  #entryName(name: string): string {
    const printable = name.replaceAll(/[^\x21-\x7e]/g, '?') || '?'
    for (let n = 0; ; n++) {
      const suffix = n === 0 ? '' : `~${n}`
      const entry =
        printable.slice(Math.max(0, printable.length + suffix.length - MAX_NAME)) + suffix
      if (this.#names.has(entry)) continue
      this.#names.add(entry)
      return entry
    }
  }
}

/** Known tensors in a graph of its own, which is evaluated at once. */
export class ScratchMaterialiser implements Materialiser {
  readonly graph = new Graph()
  /** Contents of the graph's constants, in order. */
  readonly tensors: Tensor[] = []

  materialise(tensor: KnownTensor): Value {
    const single = scalarOf(this.graph, tensor)
    if (single) return single
    const words = tensor.toTensor()
    this.tensors.push(words)
    return this.graph.constant(tensor.name, words.type, tensor.dims)
  }

  fold(tensors: readonly KnownTensor[], build: (values: readonly Value[]) => Value): Value {
    return build(tensors.map((tensor) => this.materialise(tensor)))
  }
}

function scalarOf(graph: Graph, tensor: KnownTensor): Value | undefined {
  if (tensor.count !== 1) return undefined
  const words = tensor.toTensor()
  return graph
    .scalar(words.type, words.type === 'f32' ? words.floats[0] : words.words[0])
    .reshape(tensor.dims)
}
